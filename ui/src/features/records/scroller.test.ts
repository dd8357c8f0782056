import { describe, expect, it } from "vitest";
import { SPACER_MAX, follow, ratio, reveal, rowsMax, settle, shown, spacer, thumbFor, thumbMax, type Position, type Track } from "./scroller";

const track = (rows: number, rowHeight = 28, viewHeight = 630): Track => ({ rows, rowHeight, viewHeight });
const SIZES = [1_000, 1_000_000, 3_000_000];

/** What a web view does with a scroll position: keeps it in range. */
const reported = (t: Track, thumb: number): number => Math.min(Math.max(thumb, 0), thumbMax(t));

/** One event, then the pause after which the thumb is put back. */
function moveAndRest(t: Track, at: Position, by: number): Position {
  const moved = follow(t, at, reported(t, at.thumb + by));
  const thumb = settle(t, moved);
  return thumb === null ? moved : follow(t, { thumb, rows: moved.rows }, thumb);
}

/** The same pseudo-random numbers every time. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe.each(SIZES)("with %i rows", (rows) => {
  it("the spacer stays below what every engine allows", () => {
    for (const rowHeight of [28, 34]) expect(spacer(track(rows, rowHeight))).toBeLessThanOrEqual(SPACER_MAX);
  });

  it("the first and the last row are reached exactly by dragging the thumb to its ends", () => {
    const t = track(rows);
    const down = follow(t, { thumb: 0, rows: 0 }, thumbMax(t));
    expect(down.rows).toBe(rows * 28 - 630);
    expect(shown(t, down.rows).last).toBe(rows - 1);
    const up = follow(t, down, 0);
    expect(up.rows).toBe(0);
    expect(shown(t, up.rows).first).toBe(0);
  });

  it("84 px of the wheel are three rows, anywhere, again and again", () => {
    const t = track(rows);
    const begins = [0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99].map((share) => Math.round((rowsMax(t) * share) / 28) * 28);
    const nearEnds = [28, 280, 5_600].flatMap((px) => [px, rowsMax(t) - 252 - px]);
    for (const begin of [...begins, ...nearEnds]) {
      let at: Position = { thumb: thumbFor(t, begin), rows: begin };
      for (let turn = 1; turn <= 3; turn++) {
        at = moveAndRest(t, at, 84);
        expect(at.rows).toBe(begin + turn * 84);
      }
      for (let turn = 2; turn >= 0; turn--) {
        at = moveAndRest(t, at, -84);
        expect(at.rows).toBe(begin + turn * 84);
      }
    }
  });

  it("the wheel alone leads back to the first row and on to the last", () => {
    const t = track(rows);
    let at: Position = { thumb: thumbFor(t, 28 * 20), rows: 28 * 20 };
    for (let turn = 0; turn < 60 && at.rows > 0; turn++) at = moveAndRest(t, at, -84);
    expect(at.rows).toBe(0);
    const near = rowsMax(t) - 28 * 20;
    at = { thumb: thumbFor(t, near), rows: near };
    for (let turn = 0; turn < 60 && at.rows < rowsMax(t); turn++) at = moveAndRest(t, at, 84);
    expect(at.rows).toBe(rowsMax(t));
  });

  it("a drag to the middle shows the middle", () => {
    const t = track(rows);
    const at = follow(t, { thumb: 0, rows: 0 }, thumbMax(t) / 2);
    expect(Math.abs(shown(t, at.rows).first - rows / 2)).toBeLessThan(20);
  });

  it("whatever is done, rows stay in range and the thumb comes to rest", () => {
    for (const [index, viewHeight] of [200, 502, 630, 1_400].entries()) {
      for (const rowHeight of [28, 34]) {
        const t = track(rows, rowHeight, viewHeight);
        const random = numbers(index * 2 + rowHeight);
        let at: Position = { thumb: 0, rows: 0 };
        for (let step = 0; step < 400; step++) {
          const dice = random.next().value;
          const by = dice < 0.6 ? Math.round((dice - 0.3) * 900) : (random.next().value - 0.5) * 2 * thumbMax(t);
          const before = at;
          const event = follow(t, before, reported(t, before.thumb + by));
          at = moveAndRest(t, before, by);
          expect(at.rows).toBeGreaterThanOrEqual(0);
          expect(at.rows).toBeLessThanOrEqual(rowsMax(t));
          expect(at.rows).toBe(event.rows);
          expect(settle(t, at)).toBeNull();
          // Not at an end means that there is room to go on in both directions.
          if (at.rows > 0) expect(at.thumb).toBeGreaterThan(0);
          if (at.rows < rowsMax(t)) expect(at.thumb).toBeLessThan(thumbMax(t));
        }
      }
    }
  });

  it("every row can be revealed, and revealing it again moves nothing", () => {
    const t = track(rows, 34, 501);
    const random = numbers(rows);
    let at = 0;
    const targets = [0, rows - 1, 1, rows - 2, ...Array.from({ length: 300 }, () => Math.floor(random.next().value * rows))];
    for (const row of targets) {
      at = reveal(t, at, row);
      expect(row * 34).toBeGreaterThanOrEqual(at);
      expect(row * 34 + 34).toBeLessThanOrEqual(at + 501);
      expect(reveal(t, at, row)).toBe(at);
    }
  });
});

describe("where all rows fit below the cap", () => {
  it("thumb and rows are one", () => {
    const t = track(1_000);
    expect(ratio(t)).toBe(1);
    expect(follow(t, { thumb: 0, rows: 0 }, 12_345)).toEqual({ thumb: 12_345, rows: 12_345 });
    expect(settle(t, { thumb: 12_345, rows: 12_345 })).toBeNull();
  });
});

describe("with no more rows than the view holds", () => {
  it("nothing scrolls", () => {
    for (const rows of [0, 1, 22]) {
      const t = track(rows);
      expect(rowsMax(t)).toBe(0);
      expect(follow(t, { thumb: 0, rows: 0 }, 0).rows).toBe(0);
      expect(shown(t, 0)).toEqual({ first: 0, last: rows - 1 });
    }
  });
});

it("our own re-centring does not move the rows", () => {
  const t = track(1_000_000);
  const rows = 28 * 1_000;
  const thumb = thumbFor(t, rows);
  expect(follow(t, { thumb, rows }, thumb).rows).toBe(rows);
});
