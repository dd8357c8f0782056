// Words of the disconnect dialog. The effects themselves come from Rust, in order.
import { count, counted, megabytes } from "../../design/format";

export const disconnect = {
  title: (name: string) => `Disconnect ${name}`,
  titleDemo: "Leave the demo",
  titleInactive: (name: string) => `Remove ${name}`,
  close: "Close without disconnecting",
  cancel: "Cancel",
  what: "What happens, in this order",
  wipe: "Delete the local records too",
  wipeNote: (records: number, mb: number) => `${counted(records, "record", "records")}, ${megabytes(mb)}. They cannot be brought back from here, only copied from HubSpot again.`,
  keepNote: (records: number) => `Otherwise ${count(records)} stay on this computer, readable as a database file.`,
  hubspot: "At HubSpot the key itself stays valid until you switch it off there:",
  hubspotApp: "The app itself stays installed at HubSpot until somebody uninstalls it there:",
  copyPath: "Copy the menu path",
  copied: "Copied",
  open: "Open HubSpot",
  confirm: "Disconnect",
  confirmWipe: "Disconnect and delete",
  confirmDemo: "Leave the demo",
  confirmRemove: "Remove",
  doneTitle: "Disconnected",
  done: "Done",
};
