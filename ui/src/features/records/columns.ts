// How wide columns are: by kind at first, then as the person set them, remembered for each object type.
import type { Column, ColumnKind } from "../../backend/generated/wire";

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

/** Text columns whose usual length is known from their name. */
const BY_NAME: [RegExp, number][] = [
  [/email|url|link/, 248],
  [/body|content|notes|description/, 320],
  [/name|title|subject/, 188],
];

export type Widths = Record<string, number>;

const clamp = (px: number): number => Math.round(Math.min(Math.max(px, WIDTH_MIN), WIDTH_MAX));

export function widthOf(column: Column, set: Widths): number {
  const chosen = set[column.name];
  if (chosen !== undefined) return clamp(chosen);
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
