// A pretend mirror: any row of a million by its position, computed on demand from a fixed seed.
import type { Cell, Column, ObjectTab, Row } from "../generated/wire";
import { CITIES, COMPANIES, DEAL_STAGES, DEAL_WORDS, FIRST, JOBS, LAST, OWNERS, STAGES, SUBJECTS } from "./words";

/** One well-mixed 32-bit number for a row and a purpose. */
export function mix(i: number, salt: number): number {
  let z = (i * 0x9e3779b1 + salt * 0x85ebca6b) >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}
const pick = <T>(of: readonly T[], i: number, salt: number): T => of[mix(i, salt) % of.length] as T;

const order = (words: readonly string[]): number[] => {
  const sorted = [...words].sort(new Intl.Collator("en").compare);
  const rank = new Map(sorted.map((word, at) => [word, at]));
  return words.map((word) => rank.get(word) ?? 0);
};
const firstRank = order(FIRST);
const lastRank = order(LAST);
const companyRank = order(COMPANIES);

/** The newest change; rows go back from here, about five years over the whole set. */
const NEWEST = Date.UTC(2026, 10, 21, 13, 30);
export const changedAt = (i: number, n: number): string =>
  new Date(NEWEST - Math.floor(((mix(i, 3) % 100_000) / 100_000) ** 2 * 5 * 365 * 86_400_000) - (i % Math.max(1, n)) * 7).toISOString();

export const idOf = (object: string, i: number): string => {
  const base = { contacts: 51_000, companies: 9_100_000, deals: 7_300_000 }[object] ?? 480_000;
  return String(base + i * 3 + 1);
};
export const indexOf = (object: string, id: string): number => {
  const base = { contacts: 51_000, companies: 9_100_000, deals: 7_300_000 }[object] ?? 480_000;
  return Math.max(0, Math.round((Number(id) - base - 1) / 3));
};

const first = (i: number) => pick(FIRST, i, 1);
const last = (i: number) => pick(LAST, i, 2);
export const companyOf = (i: number): number => mix(i, 4) % 84_044;
export const companyName = (i: number): string => COMPANIES[(i * 101) % COMPANIES.length] as string;
export const domain = (i: number): string => {
  const bare = companyName(i).normalize("NFD").replace(/[^\x20-\x7e]/g, "").replace(/[^A-Za-z ]/g, "").trim().toLowerCase();
  return `${bare.split(/ +/).slice(0, 2).join("-")}.example`;
};

export function title(object: string, i: number): string {
  switch (object) {
    case "contacts":
      return `${first(i)} ${last(i)}`;
    case "companies":
      return companyName(i);
    case "deals":
      return `${pick(DEAL_WORDS, i, 11)} ${2024 + (mix(i, 12) % 4)}`;
    case "products":
      return `${pick(["Gravel", "Cargo", "Road", "Trail", "City"], i, 14)} ${pick(["frame", "wheelset", "kit", "service", "bag"], i, 15)} ${(mix(i, 16) % 90) + 10}`;
    default:
      return pick(SUBJECTS, i, 13);
  }
}

const empty: Cell = { text: null, raw: null, currency: null };
const text = (value: string, raw: string | null = null): Cell => ({ text: value, raw, currency: null });

function cell(object: string, column: string, i: number, n: number): Cell {
  switch (column) {
    case "title":
      return text(title(object, i));
    case "email":
      return mix(i, 5) % 23 === 0 ? empty : text(`${first(i)}.${last(i)}`.normalize("NFD").replace(/[^a-z.]/gi, "").toLowerCase().replace(/^\.|\.$/g, "x") + `@${domain(companyOf(i))}`);
    case "phone":
      return mix(i, 6) % 4 === 0 ? empty : text(`+${30 + (mix(i, 7) % 60)} ${100 + (mix(i, 8) % 899)} ${1000 + (mix(i, 9) % 8999)}`);
    case "company":
      return text(companyName(companyOf(i)));
    case "jobtitle":
      return mix(i, 17) % 5 === 0 ? empty : text(pick(JOBS, i, 10));
    case "lifecyclestage":
      return text(pick(STAGES, i, 18), pick(STAGES, i, 18).toLowerCase().replace(/ /g, ""));
    case "dealstage":
      return text(pick(DEAL_STAGES, i, 19), String(mix(i, 19) % DEAL_STAGES.length));
    case "hubspot_owner_id":
      return mix(i, 20) % 9 === 0 ? empty : text(pick(OWNERS, i, 21), String(700_000 + (mix(i, 21) % 7)));
    case "amount":
      return mix(i, 22) % 6 === 0 ? empty : { text: String(((mix(i, 23) % 16_000) + 40) * 25), raw: null, currency: "EUR" };
    case "closedate":
      return text(new Date(NEWEST + ((mix(i, 24) % 700) - 500) * 86_400_000).toISOString().slice(0, 10));
    case "domain":
      return text(domain(i));
    case "city":
      return text(pick(CITIES, i, 25));
    case "employees":
      return mix(i, 26) % 3 === 0 ? empty : text(String((mix(i, 27) % 900) + 3));
    case "optout":
      return text(mix(i, 28) % 12 === 0 ? "true" : "false");
    case "updated_at":
      return text(changedAt(i, n));
    default:
      return empty;
  }
}

const column = (name: string, label: string, kind: Column["kind"], sortable = true): Column => ({ name, label, kind, sortable });
const tail = [column("hubspot_owner_id", "Owner", "owner"), column("updated_at", "Changed", "date_time")];
const columns: Record<string, Column[]> = {
  contacts: [
    column("title", "Name", "title"),
    column("email", "E-mail", "text"),
    column("company", "Company", "text"),
    column("lifecyclestage", "Lifecycle stage", "enumeration"),
    column("jobtitle", "Job title", "text", false),
    column("phone", "Phone", "text", false),
    ...tail,
    column("optout", "Opted out", "bool"),
  ],
  companies: [column("title", "Name", "title"), column("domain", "Domain", "text"), column("city", "City", "text"), column("employees", "Employees", "number"), ...tail],
  deals: [column("title", "Deal", "title"), column("amount", "Amount", "currency"), column("dealstage", "Stage", "stage"), column("closedate", "Close date", "date"), ...tail],
  products: [column("title", "Name", "title"), column("amount", "Price", "currency"), ...tail],
};
const others = [column("title", "Subject", "title"), ...tail];

const names: Record<string, [string, string]> = {
  contacts: ["Contact", "Contacts"],
  companies: ["Company", "Companies"],
  deals: ["Deal", "Deals"],
  tickets: ["Ticket", "Tickets"],
  notes: ["Note", "Notes"],
  calls: ["Call", "Calls"],
  emails: ["E-mail", "E-mails"],
  meetings: ["Meeting", "Meetings"],
  tasks: ["Task", "Tasks"],
  products: ["Product", "Products"],
  line_items: ["Line item", "Line items"],
  workshops: ["Workshop", "Workshops"],
  crm_users: ["CRM user", "CRM users"],
};
export const nameOf = (object: string): [string, string] => names[object] ?? [object, object];

export function tab(object: string, records: number, skipped: string | null, indexed: boolean): ObjectTab {
  const [singular, plural] = nameOf(object);
  return { object, singular, plural, custom: object === "workshops", count: records, skipped, columns: columns[object] ?? others, indexed };
}

export const row = (object: string, i: number, asked: readonly string[], n: number): Row => ({
  id: idOf(object, i),
  gone: mix(i, 40) % 4000 === 0,
  cells: asked.map((name) => cell(object, name, i, n)),
});

/** A whole number by which a column orders; small enough that a position fits beside it. */
function sortKey(object: string, name: string, i: number, n: number): number {
  switch (name) {
    case "title":
      if (object === "contacts") return (firstRank[mix(i, 1) % FIRST.length] ?? 0) * 1000 + (lastRank[mix(i, 2) % LAST.length] ?? 0);
      if (object === "companies") return companyRank[(i * 101) % COMPANIES.length] ?? 0;
      return title(object, i).charCodeAt(0) * 256 + title(object, i).charCodeAt(1);
    case "company":
      return companyRank[(companyOf(i) * 101) % COMPANIES.length] ?? 0;
    case "email":
      return cell(object, name, i, n).text === null ? 0 : (firstRank[mix(i, 1) % FIRST.length] ?? 0) + 1;
    case "updated_at":
      return Math.floor(Date.parse(changedAt(i, n)) / 60_000) % 2 ** 26;
    case "closedate":
      return mix(i, 24) % 700;
    case "amount":
      return mix(i, 22) % 6 === 0 ? 0 : (mix(i, 23) % 16_000) + 1;
    case "employees":
      return mix(i, 26) % 3 === 0 ? 0 : (mix(i, 27) % 900) + 1;
    default: {
      const shown = cell(object, name, i, n).text ?? "";
      return (shown.charCodeAt(0) || 0) * 256 + (shown.charCodeAt(1) || 0);
    }
  }
}

/** Positions in order. The newest change first unless a column is asked for. */
export function ordered(object: string, n: number, by: { column: string; descending: boolean } | null): Uint32Array {
  const sort = by ?? { column: "updated_at", descending: true };
  const packed = new Float64Array(n);
  for (let i = 0; i < n; i++) packed[i] = sortKey(object, sort.column, i, n) * 2 ** 21 + i;
  packed.sort();
  const positions = new Uint32Array(n);
  for (let at = 0; at < n; at++) positions[sort.descending ? n - 1 - at : at] = (packed[at] as number) % 2 ** 21;
  return positions;
}

/** Every word must begin a word of the title, the e-mail or the company. */
export function filtered(object: string, positions: Uint32Array, find: string, n: number): Uint32Array {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return positions;
  const fields = object === "contacts" ? ["title", "company", "email"] : object === "companies" ? ["title", "domain"] : ["title"];
  return positions.filter((i) => {
    const text = fields.map((field) => cell(object, field, i, n).text ?? "").join(" ").toLowerCase();
    const parts = text.split(/[\s@.]+/);
    return words.every((word) => parts.some((part) => part.startsWith(word)));
  });
}
