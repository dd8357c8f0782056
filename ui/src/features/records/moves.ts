// What a key does in the grid: where the current cell goes, or what is asked for. Pure; knows no DOM events.

/** The current cell. Row -1 is the header. */
export interface Place {
  row: number;
  column: number;
}

export interface Extent {
  rows: number;
  columns: number;
  /** Whole rows in view: one page. */
  page: number;
}

export interface Stroke {
  key: string;
  /** Ctrl, or Cmd on a Mac. */
  command: boolean;
  shift: boolean;
  alt: boolean;
}

export type Act = "open" | "peek" | "back" | "copy" | "copy-row" | "sort" | "wider" | "narrower" | "fit";

export type Effect = { kind: "move"; to: Place; extend: boolean } | { kind: "act"; act: Act } | null;

export const HEADER = -1;

const act = (name: Act): Effect => ({ kind: "act", act: name });

/** The answer to a key, none for keys that are not the grid's. */
export function effectOf(stroke: Stroke, at: Place, extent: Extent): Effect {
  if (stroke.command && stroke.key.toLowerCase() === "c") return act(stroke.shift ? "copy-row" : "copy");
  const acted = at.row === HEADER ? actInHeader(stroke) : actInRows(stroke);
  if (acted) return acted;
  const to = target(stroke, at, extent);
  if (!to) return null;
  const column = Math.min(Math.max(to.column, 0), Math.max(0, extent.columns - 1));
  const row = Math.min(Math.max(to.row, HEADER), extent.rows - 1);
  return { kind: "move", to: { row, column }, extend: stroke.shift && row !== HEADER && at.row !== HEADER };
}

function actInHeader({ key, command, shift, alt }: Stroke): Effect {
  if (command || alt) return null;
  if (shift && key === "ArrowRight") return act("wider");
  if (shift && key === "ArrowLeft") return act("narrower");
  if (shift && key === "Enter") return act("fit");
  if (key === "Enter" || key === " ") return act("sort");
  return key === "Escape" ? act("back") : null;
}

function actInRows({ key, command, alt }: Stroke): Effect {
  if (command || alt) return null;
  if (key === "Enter") return act("open");
  if (key === " ") return act("peek");
  return key === "Escape" ? act("back") : null;
}

function target({ key, command, alt }: Stroke, { row, column }: Place, { rows, columns, page }: Extent): Place | null {
  if (alt) return null;
  const step = Math.max(1, page);
  // Only the plain arrows lead into the header: a page up ends at the first row.
  const top = row === HEADER ? HEADER : 0;
  switch (key) {
    case "ArrowUp":
      return { row: command ? top : row - 1, column };
    case "ArrowDown":
      return { row: command ? rows - 1 : row + 1, column };
    case "ArrowLeft":
      return { row, column: command ? 0 : column - 1 };
    case "ArrowRight":
      return { row, column: command ? columns - 1 : column + 1 };
    case "PageUp":
      return { row: Math.max(top, row - step), column };
    case "PageDown":
      return { row: row + step, column };
    case "Home":
      return command ? { row: 0, column: 0 } : { row, column: 0 };
    case "End":
      return command ? { row: rows - 1, column: columns - 1 } : { row, column: columns - 1 };
    case "j":
    case "J":
      return command ? null : { row: row + 1, column };
    case "k":
    case "K":
      return command ? null : { row: Math.max(0, row - 1), column };
    default:
      return null;
  }
}
