// What the clipboard gets: one cell as it is, or rows as lines with tabs between. Values go out as stored (labels,
// ISO dates, plain figures), because that is what a sheet can work with.
import type { Cell, Column } from "../../backend/generated/wire";
import { en } from "../../messages/en";
import type { RecordsState } from "./records.svelte";

/** More rows than this are an export, which is another matter. */
export const COPY_MAX = 10_000;

const flat = (cell: Cell | undefined): string => (cell?.text ?? "").replace(/[\t\r\n]+/g, " ");

/** Copies and says what happened. `column` is none for whole rows. */
export async function copyOf(
  records: RecordsState,
  columns: Column[],
  { first, last }: { first: number; last: number },
  column: number | null,
): Promise<string> {
  const end = Math.min(last, first + COPY_MAX - 1);
  const lines: string[] = [];
  for (let position = first; position <= end; position++) {
    const row = await records.rowAt(position);
    if (!row) continue;
    if (column !== null) lines.push(row.cells[column]?.text ?? "");
    else lines.push(columns.map((_, at) => flat(row.cells[at])).join("\t"));
  }
  try {
    await navigator.clipboard.writeText(lines.join("\n"));
  } catch {
    return en.records.copyFailed;
  }
  return column === null ? en.records.copiedRows(lines.length) : en.records.copiedCell;
}
