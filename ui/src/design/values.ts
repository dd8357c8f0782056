// One value of a record as people read it: words by kind, and how full the pie before a stage is.
// Labels are resolved before they get here; this only writes numbers, money, dates and "nothing" the same way
// everywhere. Deliberately absent: DOM, and anything that guesses at a value's meaning beyond its kind.
import type { Cell, ColumnKind } from "../backend/generated/wire";
import { NOTHING, ago, amount, date, dateTime, decimal, inFull } from "./format";

export interface Reading {
  /** What HubSpot sent instead of labels and formats. */
  raw: boolean;
  /** The portal's time zone. */
  zone: string | null;
  now: number;
}

const YES_NO: Record<string, string> = { true: "Yes", false: "No" };

/** Kinds whose figures line up at the right. */
export const isFigure = (kind: ColumnKind): boolean => kind === "number" || kind === "currency";

/** Short words for a column; none for an empty value. */
export const inColumn = (cell: Cell, kind: ColumnKind, reading: Reading): string | null =>
  written(cell, kind, reading, (iso) => ago(iso, reading.now, reading.zone));

/** The same with dates in full length, where there is room. */
export const inPage = (cell: Cell, kind: ColumnKind, reading: Reading): string | null =>
  written(cell, kind, reading, (iso) => dateTime(iso, reading.zone));

/** What to say on hover beyond the words: the moment in the portal's zone and in this computer's. */
export function onHover(cell: Cell, kind: ColumnKind, reading: Reading): string {
  if (kind !== "date_time" || !cell.text) return "";
  const there = inFull(cell.text, reading.zone);
  const here = inFull(cell.text);
  return there === here ? there : `${there}\n${here}`;
}

function written(cell: Cell, kind: ColumnKind, reading: Reading, moment: (iso: string) => string): string | null {
  const { text } = cell;
  if (text === null || text === "") return null;
  if (reading.raw) return cell.raw ?? text;
  switch (kind) {
    case "number":
      return figure(text);
    case "currency":
      return amount(text, cell.currency);
    case "date":
      return readable(date(text), text);
    case "date_time":
      return readable(moment(text), text);
    case "bool":
      return YES_NO[text] ?? text;
    default:
      return text;
  }
}

/** Digits beyond what a number type holds stay as they were sent. */
function figure(text: string): string {
  const value = Number(text);
  const exact = text.trim() !== "" && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return exact ? decimal(value) : text;
}

const readable = (words: string, sent: string): string => (words === NOTHING ? sent : words);

/** Parts of a line under a name: days and money, which arrive as sent, in words. */
export const underName = (line: string): string => line.split(" · ").map(part).join(" · ");

function part(text: string): string {
  const money = /^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/.exec(text);
  if (money?.[1] && money[2]) return amount(money[1], money[2]);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? date(text) : text;
}

// HubSpot's own stages, in the order in which they follow each other. A portal's own stages have no known place.
const STAGES = [
  ["subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist"],
  ["appointmentscheduled", "qualifiedtobuy", "presentationscheduled", "decisionmakerboughtin", "contractsent", "closedwon"],
  ["1", "2", "3", "4"],
];
const FILL = new Map<string, number>([["closedlost", 0]]);
for (const line of STAGES) line.forEach((name, at) => FILL.set(name, Math.round(((at + 1) / line.length) * 100)));

/** Percent of the pie before a stage; none where its place among the others is unknown. */
export function pieOf(cell: Cell, { name, kind }: { name: string; kind: ColumnKind }): number | null {
  if ((kind !== "stage" && name !== "lifecyclestage") || !cell.text) return null;
  return FILL.get(cell.raw ?? cell.text) ?? FILL.get(cell.text.toLowerCase().replaceAll(" ", "")) ?? null;
}
