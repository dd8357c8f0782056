// Buttons of error cards, and the words around them. What happened and why comes from Rust.
import type { ErrorAction } from "../../backend/generated/wire";

const actions: Record<ErrorAction, string> = {
  try_again: "Try again",
  paste_again: "Paste again",
  reconnect: "Reconnect…",
  open_keys_in_hubspot: "Open HubSpot",
  check_again: "Check again",
  start_again: "Start again",
  use_encrypted_file: "Use encrypted file…",
  unlock_vault: "Unlock…",
  quit: "Quit",
  use_as_new_connection: "Use as new connection",
  open_again: "Open again",
  copy_link: "Copy link",
  paste_address: "Paste the address",
  edit_scopes: "Edit permissions",
  copy_addresses: "Copy addresses",
  copy_admin_message: "Copy message for my admin",
  use_service_key: "Use a service key",
  choose_other_way: "Choose another way",
  fix_client_secret: "Fix client secret",
  continue_setup: "Continue setup…",
  open_doctor: "Open Doctor",
  skip_object: "Skip it",
};

export const errors = {
  actions,
  technical: "Technical details",
  whatToDo: "What to do",
  copy: "Copy details",
  copied: "Copied",
  times: (n: number) => `${n} times`,
};
