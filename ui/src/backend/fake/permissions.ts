// The pretend permissions: what each is for, and which of them a pretend connection has.
import type { ScopeInfo, ScopeSets, ScopeStanding, Standing } from "../generated/wire";

const read = (scope: string, reason: string, ...objects: string[]): ScopeInfo => ({ scope, group: "read", reason, objects });
const optional = (scope: string, reason: string, ...objects: string[]): ScopeInfo => ({ scope, group: "optional", reason, objects });

export const SCOPES: readonly ScopeInfo[] = [
  read("crm.objects.contacts.read", "Copy contacts, and the notes, calls, meetings and tasks that go with them.", "Contacts", "Notes", "Calls"),
  read("crm.objects.companies.read", "Copy companies.", "Companies"),
  read("crm.objects.deals.read", "Copy deals.", "Deals"),
  read("crm.objects.owners.read", "Show who owns a record by name."),
  read("crm.schemas.contacts.read", "Know your own contact properties and their labels."),
  read("crm.schemas.companies.read", "Know your own company properties and their labels."),
  read("crm.schemas.deals.read", "Know your own deal properties, pipelines and stages."),
  optional("tickets", "Copy tickets (Service Hub).", "Tickets"),
  optional("sales-email-read", "Copy the content of sales e-mails.", "E-mails"),
  optional("crm.objects.line_items.read", "Copy line items.", "Line items"),
  optional("crm.objects.products.read", "Copy products.", "Products"),
  optional("crm.objects.custom.read", "Copy your custom objects (Enterprise)."),
  optional("crm.schemas.custom.read", "Know which custom objects there are (Enterprise)."),
  optional("crm.objects.users.read", "Know which HubSpot users there are.", "Users"),
  optional("settings.users.read", "Show users' names and main teams."),
];

export const suggested = (): ScopeSets => ({
  required: ["oauth", ...SCOPES.filter((one) => one.group === "read").map((one) => one.scope)],
  conditional: [],
  optional: SCOPES.filter((one) => one.group === "optional").map((one) => one.scope),
});

/** All granted, but for those named; `null` for "HubSpot does not tell". */
export function standings(missing: readonly string[] | null): ScopeStanding[] {
  const standing = (scope: string): Standing => (missing === null ? "unknown" : missing.includes(scope) ? "missing" : "granted");
  return SCOPES.map(({ scope, reason, objects }) => ({ scope, reason, objects, standing: standing(scope) }));
}
