// Draws rows into recycled elements: some forty of them show any number of rows. Never creates a row while scrolling,
// writes only what changed, and moves things by transforms. Written against the DOM because a framework's bookkeeping
// for each cell would not fit into a frame. Deliberately absent: events, scrolling, fetching.
import "./painter.css";
import type { Column, Row } from "../../backend/generated/wire";
import { ids } from "../../design/testids";
import { inColumn, isFigure, pieOf, type Reading } from "../../design/values";
import type { Place } from "./moves";

/** Rows drawn beyond each edge, so that a small move finds them there. */
const BEYOND = 4;

/** Rows are placed relative to a base row never further away: engines do not paint what is moved far out and back. */
const BASE_REACH = 100;

/** In a fast drag only so many columns are written until it slows down. */
const COLUMNS_IN_DRAG = 4;

const EMPTY = "–";

export interface Frame {
  /** Of the rows in view, in px from the first one. */
  top: number;
  left: number;
  viewHeight: number;
  rowHeight: number;
  total: number;
  at: Place;
  chosen: { first: number; last: number } | null;
  /** Row under the mouse; -1 for none. */
  hovered: number;
  reading: Reading;
  /** Grows when rows that are shown may have changed. */
  version: number;
  /** More than a page since the last frame. */
  dragging: boolean;
  gone: string;
  row(position: number): Row | null;
}

interface Slot {
  element: HTMLElement;
  strip: HTMLElement;
  cells: HTMLElement[];
  texts: Text[];
  position: number;
  /** Px below the base row, as last written. */
  place: number;
  version: number;
  /** Columns written: fewer than all after a fast drag. */
  written: number;
  waiting: boolean;
}

export class Painter {
  readonly #body: HTMLElement;
  readonly #id: string;
  #columns: Column[] = [];
  #slots: Slot[] = [];
  #base = 0;
  #left = 0;
  #current: HTMLElement | null = null;

  constructor(body: HTMLElement, id: string) {
    this.#body = body;
    this.#id = id;
  }

  /** Rebuilds the elements for these columns. */
  setColumns(columns: Column[]): void {
    this.#columns = columns;
    this.#slots = [];
    this.#current = null;
    this.#body.replaceChildren();
  }

  /** Id of the current cell's element, for `aria-activedescendant`; none while it is not drawn. */
  get currentId(): string | null {
    return this.#current?.id ?? null;
  }

  /** Draws one frame and says which rows it shows. */
  draw(frame: Frame): { first: number; last: number } {
    const { rowHeight, viewHeight, total, top } = frame;
    const first = Math.max(0, Math.floor(top / rowHeight) - BEYOND);
    const last = Math.min(total - 1, Math.ceil((top + viewHeight) / rowHeight) - 1 + BEYOND);
    this.#provide(Math.ceil(viewHeight / rowHeight) + 1 + 2 * BEYOND);
    this.#rebase(first, last);
    this.#body.style.transform = `translateY(${this.#base * rowHeight - top}px)`;
    this.#slideTo(frame.left);
    for (let position = first; position <= last; position++) {
      const slot = this.#slots[position % this.#slots.length];
      if (slot) this.#place(slot, position, frame);
    }
    let current: HTMLElement | null = null;
    for (const slot of this.#slots) {
      if (slot.position >= 0 && (slot.position < first || slot.position > last)) this.#hide(slot);
      if (slot.position === frame.at.row) current = slot.cells[frame.at.column] ?? null;
    }
    this.#mark(current);
    return { first: Math.max(0, Math.floor(top / rowHeight)), last: Math.min(total - 1, Math.ceil((top + viewHeight) / rowHeight) - 1) };
  }

  #place(slot: Slot, position: number, frame: Frame): void {
    const { element } = slot;
    const moved = slot.position !== position;
    if (moved) {
      if (slot.position < 0) element.hidden = false;
      slot.position = position;
      element.setAttribute("aria-rowindex", String(position + 1));
    }
    const place = (position - this.#base) * frame.rowHeight;
    if (slot.place !== place) {
      slot.place = place;
      element.style.transform = `translateY(${place}px)`;
    }
    const columns = frame.dragging ? Math.min(COLUMNS_IN_DRAG, slot.cells.length) : slot.cells.length;
    if (moved || slot.version !== frame.version || slot.written < columns) this.#fill(slot, position, columns, frame);
    const { chosen, at } = frame;
    const current = at.row === position;
    const selected = current || (chosen !== null && position >= chosen.first && position <= chosen.last);
    element.classList.toggle("hover", frame.hovered === position);
    if (element.classList.contains("on") !== selected) {
      element.classList.toggle("on", selected);
      element.setAttribute("aria-selected", String(selected));
    }
  }

  #fill(slot: Slot, position: number, columns: number, frame: Frame): void {
    const row = frame.row(position);
    slot.version = frame.version;
    slot.written = row ? columns : slot.cells.length;
    if (slot.waiting !== !row) {
      slot.waiting = !row;
      slot.element.classList.toggle("wait", !row);
      if (row) slot.element.removeAttribute("aria-busy");
      else slot.element.setAttribute("aria-busy", "true");
    }
    slot.element.classList.toggle("gone", row?.gone ?? false);
    for (let index = 0; index < slot.cells.length; index++) {
      const column = this.#columns[index];
      const cell = index < columns ? row?.cells[index] : undefined;
      const words = cell && column ? inColumn(cell, column.kind, frame.reading) : null;
      const left = row?.gone && index === 0 && words === null ? frame.gone : cell ? EMPTY : "";
      this.#write(slot, index, words ?? left, cell !== undefined && words === null);
      this.#pie(slot, index, cell && column && words !== null && !frame.reading.raw ? pieOf(cell, column) : null);
    }
  }

  #write(slot: Slot, index: number, words: string, empty: boolean): void {
    const text = slot.texts[index];
    const cell = slot.cells[index];
    if (!text || !cell) return;
    if (text.data !== words) text.data = words;
    if (cell.classList.contains("nil") !== empty) cell.classList.toggle("nil", empty);
  }

  #pie(slot: Slot, index: number, percent: number | null): void {
    const cell = slot.cells[index];
    if (!cell) return;
    const has = percent === null ? undefined : String(percent);
    if (cell.dataset.pie === has) return;
    if (has === undefined) {
      delete cell.dataset.pie;
      return;
    }
    cell.dataset.pie = has;
    cell.style.setProperty("--pie", `${has}%`);
  }

  #mark(cell: HTMLElement | null): void {
    if (this.#current === cell) return;
    this.#current?.classList.remove("cur");
    cell?.classList.add("cur");
    this.#current = cell;
  }

  #hide(slot: Slot): void {
    if (slot.position < 0) return;
    slot.position = -1;
    slot.element.hidden = true;
  }

  #slideTo(left: number): void {
    if (this.#left === left) return;
    this.#left = left;
    for (const slot of this.#slots) slot.strip.style.transform = `translateX(${-left}px)`;
  }

  #rebase(first: number, last: number): void {
    if (first < this.#base || last - this.#base > BASE_REACH) this.#base = Math.max(0, first - 20);
  }

  /** More elements when the view grows; a row keeps its element by its position modulo their number. */
  #provide(needed: number): void {
    if (this.#slots.length >= needed) return;
    for (const slot of this.#slots) this.#hide(slot);
    while (this.#slots.length < needed) this.#slots.push(this.#make(this.#slots.length));
  }

  #make(number: number): Slot {
    const element = document.createElement("div");
    element.className = "line";
    element.hidden = true;
    element.setAttribute("role", "row");
    element.setAttribute("aria-selected", "false");
    element.dataset.testid = ids.gridRow;
    const strip = document.createElement("div");
    strip.className = "strip";
    strip.setAttribute("role", "presentation");
    strip.style.transform = `translateX(${-this.#left}px)`;
    const slot: Slot = { element, strip, cells: [], texts: [], position: -1, place: -1, version: -1, written: 0, waiting: false };
    this.#columns.forEach((column, index) => {
      const cell = document.createElement("div");
      cell.id = `${this.#id}-${number}-${index}`;
      cell.className = isFigure(column.kind) ? "cell figure" : column.kind === "title" ? "cell title" : "cell";
      cell.setAttribute("role", index === 0 ? "rowheader" : "gridcell");
      cell.setAttribute("aria-colindex", String(index + 1));
      // Names and texts come in every script: each cell finds its own direction.
      cell.dir = isFigure(column.kind) ? "ltr" : "auto";
      cell.style.cssText = index === 0 ? "width:var(--w0)" : `left:var(--x${index});width:var(--w${index})`;
      const text = document.createTextNode("");
      cell.append(text);
      slot.cells.push(cell);
      slot.texts.push(text);
      if (index > 0) strip.append(cell);
    });
    element.append(strip);
    // After the strip in paint order, before it for those who listen: the frozen column lies on top.
    if (slot.cells[0]) element.prepend(slot.cells[0]);
    this.#body.append(element);
    return slot;
  }

  /** The row position and column under an element; none outside of the rows. */
  placeOf(target: EventTarget | null): Place | null {
    if (!(target instanceof Node)) return null;
    for (const slot of this.#slots) {
      if (!slot.element.contains(target)) continue;
      const column = slot.cells.findIndex((cell) => cell.contains(target));
      return slot.position < 0 ? null : { row: slot.position, column: Math.max(0, column) };
    }
    return null;
  }

  /** Widest text now written in a column, in px without padding; zero when nothing is. */
  widest(column: number): number {
    let widest = 0;
    const range = document.createRange();
    for (const slot of this.#slots) {
      const text = slot.texts[column];
      if (slot.position < 0 || !text?.data) continue;
      range.selectNodeContents(text);
      widest = Math.max(widest, range.getBoundingClientRect().width);
    }
    return widest;
  }
}
