// One pretend record page: groups of labelled values, links with labels, one group that is not synced.
import type { Cell, LinkedGroup, LinkedRecord, PropertyValue, RecordPage } from "../generated/wire";
import { changedAt, companyName, companyOf, domain, idOf, indexOf, mix, nameOf, row, title } from "./rows";

const value = (text: string | null, raw: string | null = null, currency: string | null = null): Cell => ({ text, raw, currency });
function property(name: string, label: string, kind: PropertyValue["kind"], cell: Cell, more: Partial<PropertyValue> = {}): PropertyValue {
  return { name, label, kind, value: cell, calculated: false, sensitive: false, stored: true, description: null, ...more };
}

function linked(object: string, i: number, howMany: number, labels: string[][]): LinkedGroup {
  const records: LinkedRecord[] = Array.from({ length: Math.min(howMany, 50) }, (_, at) => {
    const other = mix(i, 60 + at) % 80_000;
    const subtitle = object === "deals" ? row(object, other, ["dealstage"], 80_000).cells[0]?.text : object === "companies" ? domain(other) : null;
    return { id: idOf(object, other), title: title(object, other), subtitle: subtitle ?? null, labels: labels[at] ?? [], missing: at > 0 && mix(i, 90 + at) % 7 === 0 };
  });
  return { object, label: nameOf(object)[1], total: howMany, records, skipped: null };
}

export function recordPage(object: string, id: string, n: number): RecordPage {
  const i = indexOf(object, id);
  const cells = (names: string[]) => row(object, i, names, n).cells;
  const [singular] = nameOf(object);
  const employer = companyOf(i);
  const at = (index: number, list: Cell[]) => list[index] ?? value(null);
  const groups =
    object === "contacts"
      ? contactGroups(i, employer, cells(["email", "phone", "jobtitle", "lifecyclestage", "hubspot_owner_id", "optout"]))
      : object === "deals"
        ? (() => {
            const c = cells(["amount", "dealstage", "closedate", "hubspot_owner_id"]);
            return [
              {
                label: "Deal information",
                properties: [
                  property("dealname", "Deal name", "title", value(title(object, i))),
                  property("amount", "Amount", "currency", at(0, c)),
                  property("dealstage", "Deal stage", "stage", at(1, c)),
                  property("closedate", "Close date", "date", at(2, c)),
                  property("hubspot_owner_id", "Deal owner", "owner", at(3, c)),
                  property("hs_forecast_amount", "Forecast amount", "currency", at(0, c), { calculated: true, description: "Amount times the probability of the stage." }),
                ],
              },
            ];
          })()
        : [
            {
              label: `${singular} information`,
              properties: [
                property("name", "Name", "title", value(title(object, i))),
                property("hubspot_owner_id", "Owner", "owner", at(0, cells(["hubspot_owner_id"]))),
                property("domain", "Domain", "text", object === "companies" ? value(domain(i)) : value(null)),
                property("numberofemployees", "Employees", "number", at(0, cells(["employees"]))),
              ],
            },
          ];
  const links =
    object === "contacts"
      ? [
          linked("companies", i, 1 + (mix(i, 50) % 3), [["Primary"], ["Supplier"]]),
          linked("deals", i, mix(i, 51) % 5, [["Decision maker"], ["Billing contact"]]),
          linked("notes", i, mix(i, 52) % 80, []),
          { object: "tickets", label: "Tickets", total: 0, records: [], skipped: "The permission “tickets” is missing." },
        ]
      : [linked("contacts", i, 1 + (mix(i, 53) % 12), [["Decision maker"]]), linked(object === "deals" ? "companies" : "deals", i, mix(i, 54) % 4, [["Primary"]])];
  const all = groups.flatMap((group) => group.properties);
  const subtitle =
    object === "contacts"
      ? [at(3, cells(["", "", "", "lifecyclestage"])).text, at(0, cells(["jobtitle"])).text, companyName(employer)].filter((part) => part !== null)
      : [domain(i)];
  return {
    object,
    id,
    singular,
    title: title(object, i),
    subtitle,
    archived: false,
    created_at: new Date(Date.parse(changedAt(i, n)) - 41 * 86_400_000).toISOString(),
    updated_at: changedAt(i, n),
    synced_at: new Date(Date.now() - 4 * 60_000).toISOString(),
    groups,
    filled: all.filter((one) => one.value.text !== null).length,
    defined: object === "contacts" ? 399 : 212,
    linked: links,
  };
}

function contactGroups(i: number, employer: number, c: Cell[]) {
  const at = (index: number) => c[index] ?? value(null);
  const [given, ...family] = title("contacts", i).split(" ");
  return [
    {
      label: "Contact information",
      properties: [
        property("firstname", "First name", "text", value(given ?? null)),
        property("lastname", "Last name", "text", value(family.join(" "))),
        property("email", "E-mail", "text", at(0)),
        property("phone", "Phone number", "text", at(1)),
        property("jobtitle", "Job title", "text", at(2)),
        property("company", "Company name", "text", value(companyName(employer))),
        property("lifecyclestage", "Lifecycle stage", "enumeration", at(3), { description: "Where this contact stands in your sales process." }),
        property("hubspot_owner_id", "Contact owner", "owner", at(4)),
        property("hs_language", "Preferred language", "enumeration", value("Français", "fr")),
        property("address", "Street address", "text", value(null)),
        property("message", "Message", "text", value("Bonjour,\nnous cherchons 40 vélos gravel pour notre flotte de printemps 🚲.\n\nMerci !")),
      ],
    },
    {
      label: "E-mail information",
      properties: [
        property("hs_email_optout", "Opted out of all e-mail", "bool", at(5)),
        property("hs_email_open", "E-mails opened", "number", value(String(mix(i, 70) % 60)), { calculated: true }),
        property("hs_email_last_send_date", "Last e-mail sent", "date_time", value(changedAt(i + 7, 1_000_000))),
      ],
    },
    {
      label: "Sales and renewals",
      properties: [
        property("renewal_score", "Renewal score", "number", value(String(mix(i, 71) % 100)), { calculated: true, description: "0 to 100, from orders and support." }),
        property("annual_spend", "Annual spend", "currency", value(String((mix(i, 72) % 900) * 100), null, "EUR")),
        property("birthday", "Date of birth", "date", value("1984-02-29"), { sensitive: true }),
        property("badges", "Badges", "enumeration", value("Founder circle; Early adopter; Wholesale")),
        property("legal_name", "Legal name (Arabic)", "text", value("ليلى حداد")),
      ],
    },
  ];
}
