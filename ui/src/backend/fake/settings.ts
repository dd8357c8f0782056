// The pretend settings of one connection.
import type { Setting, Settings } from "../generated/wire";

const setting = (key: string, label: string, text: string, fallback: string, more: Partial<Setting>): Setting => ({
  key, label, text, kind: "texts", value: fallback, default: fallback, changed: false, allowed: "", choices: [], least: null, most: null, unit: null, ...more,
});
const SETTINGS: Setting[] = [
  setting("cadence_minutes", "Check for changes every", "How often Portside asks HubSpot what has changed, while the app is open.", "15", { kind: "number", least: 5, most: 1440, unit: "minutes", allowed: "a whole number from 5 to 1440" }),
  setting("hubspot_backfill_since", "Copy what was changed since", "Records changed before are not fetched, unless one that is fetched links to them. An earlier start fetches what is missing; a later one deletes nothing.", "2024-11-27", { kind: "window", allowed: "all, or a date such as 2024-01-31" }),
  setting("speed", "Speed", "How much of HubSpot's limits is used: gentle takes half, normal four fifths, fast nearly all. Until it is chosen, the first import goes fast.", "normal", { kind: "choice", choices: ["gentle", "normal", "fast"], allowed: "gentle, normal or fast" }),
  setting("daily_budget_share", "Share of the daily requests", "The most that Portside takes of what HubSpot allows the account in a day; other apps share it.", "100", { kind: "number", least: 1, most: 100, unit: "percent", allowed: "a whole number from 1 to 100" }),
  setting("quiet_hours", "Quiet hours", "Nothing starts by itself in these hours, by this computer's clock, and an import pauses. Sync now still works.", "off", { kind: "hours", allowed: "off, or hours such as 22:00-06:00" }),
  setting("history_max", "Keep history for", "How much of what changed since the first copy is kept, per property.", "365 days", { kind: "bound", allowed: "all, a number of rows, or a number of days" }),
  setting("new_property_policy", "New properties", "What happens to a property that is new in HubSpot: store fetches it at once, ask waits for your choice, ignore leaves it out.", "store", { kind: "choice", choices: ["store", "ask", "ignore"], allowed: "store, ask or ignore" }),
  setting("skipped_objects", "Left out", "Types of records that are not asked for any more. What is copied of them stays as it is; brought back, they are taken up where they stopped.", "[]", { kind: "objects", choices: ["contacts", "companies", "deals", "tickets", "line_items"], allowed: "types such as tickets" }),
  setting("hubspot_excluded_emails", "Excluded addresses", "Contacts with one of these addresses are left out of everything derived. The copy keeps them.", "[]", { kind: "texts", allowed: "a list of e-mail addresses" }),
  setting("hubspot_property_filters", "Property filters", "Only records with these values count in everything derived. The copy keeps the others.", "{}", { kind: "filters", allowed: "values by property" }),
];

/** The settings of one connection, and what happens to them. */
export class PretendSettings {
  rows = SETTINGS.map((one) => ({ ...one }));

  answer(): Settings {
    return { settings: this.rows.map((one) => ({ ...one })), filters: [] };
  }

  /** False when the value is none. */
  change(key: string, value: string | null): boolean {
    const row = this.rows.find((one) => one.key === key);
    if (!row) return false;
    const typed = (value ?? row.default).trim();
    if (row.kind === "number" && !(Number(typed) >= (row.least ?? 0) && Number(typed) <= (row.most ?? Infinity))) return false;
    if (row.kind === "hours" && typed !== "off" && !/^\d\d:\d\d-\d\d:\d\d$/.test(typed)) return false;
    Object.assign(row, { value: typed, changed: typed !== row.default });
    return true;
  }
}
