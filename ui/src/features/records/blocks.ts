// Rows by position, a hundred at a time: which are here, which are on their way, which to ask for next.
// Knows no snapshot life cycle and no DOM. Nothing is asked for that has been scrolled past by the time its turn comes.
import type { Row, Rows } from "../../backend/generated/wire";

export const BLOCK = 100;

/** Blocks kept: 6,000 rows, enough for a long read back without asking again. */
const KEPT = 60;

/** Asked for at the same time; more would only delay the rows now in view. */
const AT_ONCE = 2;

export interface BlockSource {
  fetch(start: number, count: number): Promise<Rows>;
  /** Rows arrived. */
  arrived(rows: Rows, ms: number): void;
  /** A block could not be had; nothing more is asked for until `retry`. */
  failed(cause: unknown): void;
  now(): number;
}

export class Blocks {
  readonly #source: BlockSource;
  readonly #total: number;
  // Insertion order is the order of last use.
  readonly #kept = new Map<number, Row[]>();
  readonly #asked = new Map<number, Promise<void>>();
  #wanted: number[] = [];
  #stopped = false;
  #over = false;

  constructor(total: number, source: BlockSource) {
    this.#total = total;
    this.#source = source;
  }

  get total(): number {
    return this.#total;
  }

  /** The row at a position, if it is here. */
  row(position: number): Row | null {
    const index = Math.floor(position / BLOCK);
    return this.#kept.get(index)?.[position - index * BLOCK] ?? null;
  }

  /** Asks for what is in view, then for the next block in the direction of travel. Replaces what was wanted before. */
  want(first: number, last: number, direction: number): void {
    if (last < first) {
      this.#wanted = [];
      return;
    }
    const from = Math.floor(Math.max(0, first) / BLOCK);
    const to = Math.floor(Math.min(this.#total - 1, last) / BLOCK);
    const wanted: number[] = [];
    for (let index = from; index <= to; index++) wanted.push(index);
    wanted.push(direction < 0 ? from - 1 : to + 1);
    for (const index of wanted) this.#touch(index);
    this.#wanted = wanted.filter((index) => index >= 0 && index * BLOCK < this.#total && !this.#kept.has(index));
    this.#pump();
  }

  /** The row at a position, fetched if need be; none when there is no such row or it cannot be had. */
  async at(position: number): Promise<Row | null> {
    if (position < 0 || position >= this.#total) return null;
    const index = Math.floor(position / BLOCK);
    if (!this.#kept.has(index)) await (this.#asked.get(index) ?? this.#ask(index));
    return this.row(position);
  }

  /** Asks again for what is wanted after a failure. */
  retry(): void {
    this.#stopped = false;
    this.#pump();
  }

  /** Answers that still arrive are ignored. */
  close(): void {
    this.#over = true;
    this.#wanted = [];
  }

  #touch(index: number): void {
    const rows = this.#kept.get(index);
    if (!rows) return;
    this.#kept.delete(index);
    this.#kept.set(index, rows);
  }

  #pump(): void {
    while (!this.#stopped && !this.#over && this.#asked.size < AT_ONCE) {
      const next = this.#wanted.find((index) => !this.#asked.has(index));
      if (next === undefined) return;
      void this.#ask(next);
    }
  }

  #ask(index: number): Promise<void> {
    const began = this.#source.now();
    const start = index * BLOCK;
    const asked = this.#source
      .fetch(start, Math.min(BLOCK, this.#total - start))
      .then(
        (rows) => {
          if (this.#over) return;
          this.#keep(index, rows.rows);
          this.#source.arrived(rows, this.#source.now() - began);
        },
        (cause: unknown) => {
          if (this.#over) return;
          this.#stopped = true;
          this.#source.failed(cause);
        },
      )
      .finally(() => {
        this.#asked.delete(index);
        this.#pump();
      });
    this.#asked.set(index, asked);
    return asked;
  }

  #keep(index: number, rows: Row[]): void {
    this.#wanted = this.#wanted.filter((wanted) => wanted !== index);
    this.#kept.set(index, rows);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
  }
}
