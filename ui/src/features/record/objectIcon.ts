// A small picture for each object type beside linked records; a portal's own types share one.
import type { IconName } from "../../design/icons";

const ICONS: Record<string, IconName> = {
  contacts: "person",
  companies: "building",
  deals: "deal",
  tickets: "ticket",
  notes: "note",
  calls: "phone",
  emails: "mail",
  meetings: "calendar",
  tasks: "task",
  products: "box",
  line_items: "stack",
  crm_users: "users",
};

export const objectIcon = (object: string): IconName => ICONS[object] ?? "cube";
