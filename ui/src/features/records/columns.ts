// Which columns are shown and how wide: by kind at first, then as the person set them, remembered for each object type.
import type { Column, ColumnKind, ObjectTab } from "../../backend/generated/wire";

export const WIDTH_MIN = 56;
export const WIDTH_MAX = 640;

const BY_KIND: Record<ColumnKind, number> = {
  title: 212,
  text: 168,
  number: 108,
  currency: 128,
  date: 116,
  date_time: 132,
  bool: 88,
  enumeration: 148,
  owner: 160,
  stage: 196,
};

const TITLE_OF_TEXT = 360;

/** Text columns whose usual length is known from their name. */
const BY_NAME: [RegExp, number][] = [
  [/firstname|lastname|given_name|family_name/, 124],
  [/email|url|link/, 248],
  [/body|content|notes|description/, 320],
  [/name|title|subject/, 188],
];

/** Properties that are a record's name as they stand: beside it they would say everything twice. */
const SAID_BY_TITLE =
  /^(name|dealname|subject|hs_title|hs_lead_name|hs_note_body|hs_call_title|hs_email_subject|hs_meeting_title|hs_task_subject)$/;
/** Properties that a record's name begins with. */
const BEGINS_TITLE = /^(firstname|hs_given_name)$/;

/** An object type with the columns that are shown. */
export interface Tab extends ObjectTab {
  /** Column that orders by the record's name; none when nothing does. */
  titleSort: string | null;
}

/** Drops the column that only repeats the name, and lets the name be sorted by what it is made of. */
export function shown(tab: ObjectTab): Tab {
  const [title, ...others] = tab.columns;
  if (!title || title.kind !== "title") return { ...tab, titleSort: null };
  const same = others.find((column) => SAID_BY_TITLE.test(column.name));
  const order = title.sortable ? title : [same, others.find((column) => BEGINS_TITLE.test(column.name))].find((one) => one?.sortable);
  const first = { ...title, label: same?.label ?? title.label, sortable: order !== undefined };
  return { ...tab, columns: [first, ...others.filter((column) => column !== same)], titleSort: order?.name ?? null };
}

/** The name by which the core knows the order of a column. */
export const orderOf = (tab: Tab, column: Column): string => (column.kind === "title" ? (tab.titleSort ?? column.name) : column.name);

export type Widths = Record<string, number>;

const clamp = (px: number): number => Math.round(Math.min(Math.max(px, WIDTH_MIN), WIDTH_MAX));

export function widthOf(column: Column, set: Widths, titleSort: string | null = null): number {
  const chosen = set[column.name];
  if (chosen !== undefined) return clamp(chosen);
  // What is named by a text (a note, a call) needs more room than what is named by a name.
  if (column.kind === "title") return /^hs_/.test(titleSort ?? "") && titleSort !== "hs_given_name" ? TITLE_OF_TEXT : BY_KIND.title;
  if (column.name === "lifecyclestage") return BY_KIND.stage;
  if (column.kind !== "text") return BY_KIND[column.kind];
  return BY_NAME.find(([name]) => name.test(column.name))?.[1] ?? BY_KIND.text;
}

export const withWidth = (set: Widths, column: string, px: number): Widths => ({ ...set, [column]: clamp(px) });

const key = (object: string): string => `portside.columns.${object}`;

/** What was set before; nothing where the store is missing or holds rubbish. */
export function rememberedWidths(object: string, store: Storage | undefined = globalThis.localStorage): Widths {
  try {
    const kept: unknown = JSON.parse(store?.getItem(key(object)) ?? "{}");
    if (typeof kept !== "object" || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter((entry): entry is [string, number] => Number.isFinite(entry[1])));
  } catch {
    return {};
  }
}

export function rememberWidths(object: string, set: Widths, store: Storage | undefined = globalThis.localStorage): void {
  try {
    store?.setItem(key(object), JSON.stringify(set));
  } catch {
    // A full or forbidden store costs only the memory of a width.
  }
}

/** Left edge of each column, and after the last one the total; the first is frozen and starts at zero by itself. */
export function edges(widths: number[]): number[] {
  const lefts = [0];
  for (const width of widths.slice(1)) lefts.push((lefts.at(-1) ?? 0) + width);
  return lefts;
}
