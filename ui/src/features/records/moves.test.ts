import { describe, expect, it } from "vitest";
import { HEADER, effectOf, type Effect, type Place, type Stroke } from "./moves";

const extent = { rows: 1_000_000, columns: 6, page: 22 };
const stroke = (key: string, with_: Partial<Stroke> = {}): Stroke => ({ key, command: false, shift: false, alt: false, ...with_ });
const from = (at: Place, key: string, with_: Partial<Stroke> = {}): Effect => effectOf(stroke(key, with_), at, extent);
const to = (row: number, column: number): Effect => ({ kind: "move", to: { row, column }, extend: false });
const act = (name: string): unknown => ({ kind: "act", act: name });

describe("keys in the grid", () => {
  const middle = { row: 500, column: 2 };
  it.each<[string, Partial<Stroke>, Effect]>([
    ["ArrowDown", {}, to(501, 2)],
    ["ArrowUp", {}, to(499, 2)],
    ["ArrowLeft", {}, to(500, 1)],
    ["ArrowRight", {}, to(500, 3)],
    ["PageDown", {}, to(522, 2)],
    ["PageUp", {}, to(478, 2)],
    ["Home", {}, to(500, 0)],
    ["End", {}, to(500, 5)],
    ["Home", { command: true }, to(0, 0)],
    ["End", { command: true }, to(999_999, 5)],
    ["j", {}, to(501, 2)],
    ["k", {}, to(499, 2)],
  ])("%s %o goes where it should", (key, with_, effect) => {
    expect(from(middle, key, with_)).toEqual(effect);
  });

  it("nothing leads out of the grid", () => {
    const corners = [
      { row: HEADER, column: 0 },
      { row: 0, column: 0 },
      { row: 999_999, column: 5 },
    ];
    const keys = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End", "j", "k"];
    for (const at of corners)
      for (const key of keys)
        for (const command of [false, true]) {
          const effect = from(at, key, { command });
          if (effect?.kind !== "move") continue;
          expect(effect.to.row).toBeGreaterThanOrEqual(HEADER);
          expect(effect.to.row).toBeLessThanOrEqual(999_999);
          expect(effect.to.column).toBeGreaterThanOrEqual(0);
          expect(effect.to.column).toBeLessThanOrEqual(5);
        }
  });

  it("only the arrow leads from the first row into the header", () => {
    expect(from({ row: 0, column: 3 }, "ArrowUp")).toEqual(to(HEADER, 3));
    expect(from({ row: 0, column: 3 }, "PageUp")).toEqual(to(0, 3));
    expect(from({ row: 0, column: 3 }, "k")).toEqual(to(0, 3));
  });

  it("Enter opens, Space peeks, Escape goes back, and in the header Enter and Space sort", () => {
    expect(from(middle, "Enter")).toEqual(act("open"));
    expect(from(middle, " ")).toEqual(act("peek"));
    expect(from(middle, "Escape")).toEqual(act("back"));
    expect(from({ row: HEADER, column: 1 }, "Enter")).toEqual(act("sort"));
    expect(from({ row: HEADER, column: 1 }, " ")).toEqual(act("sort"));
    expect(from({ row: HEADER, column: 1 }, "ArrowRight", { shift: true })).toEqual(act("wider"));
  });

  it("with Shift the selection grows", () => {
    expect(from(middle, "ArrowDown", { shift: true })).toEqual({ kind: "move", to: { row: 501, column: 2 }, extend: true });
  });

  it("copies a cell or a row, and leaves other letters and Alt alone", () => {
    expect(from(middle, "c", { command: true })).toEqual(act("copy"));
    expect(from(middle, "C", { command: true, shift: true })).toEqual(act("copy-row"));
    expect(from(middle, "a")).toBeNull();
    expect(from(middle, "ArrowDown", { alt: true })).toBeNull();
    expect(from(middle, "j", { command: true })).toBeNull();
  });
});
