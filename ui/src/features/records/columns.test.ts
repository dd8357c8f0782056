import { expect, it } from "vitest";
import type { Column } from "../../backend/generated/wire";
import { WIDTH_MAX, WIDTH_MIN, edges, rememberWidths, rememberedWidths, widthOf, withWidth } from "./columns";

const column = (name: string, kind: Column["kind"] = "text"): Column => ({ name, label: name, kind, sortable: true });

it("a width that was set wins over the usual one, within limits", () => {
  expect(widthOf(column("city"), {})).toBeGreaterThan(WIDTH_MIN);
  expect(widthOf(column("city"), withWidth({}, "city", 300))).toBe(300);
  expect(widthOf(column("city"), withWidth({}, "city", 3))).toBe(WIDTH_MIN);
  expect(widthOf(column("city"), withWidth({}, "city", 9_000))).toBe(WIDTH_MAX);
});

it("widths are remembered for each object type on its own", () => {
  rememberWidths("contacts", { email: 301 });
  expect(rememberedWidths("contacts")).toEqual({ email: 301 });
  expect(rememberedWidths("deals")).toEqual({});
});

it("rubbish in the store is no width", () => {
  localStorage.setItem("portside.columns.contacts", "{oops");
  expect(rememberedWidths("contacts")).toEqual({});
  localStorage.setItem("portside.columns.contacts", '{"email":"wide","city":120}');
  expect(rememberedWidths("contacts")).toEqual({ city: 120 });
});

it("columns after the frozen one follow each other without gaps", () => {
  expect(edges([200, 100, 50, 70])).toEqual([0, 100, 150, 220]);
  expect(edges([])).toEqual([0]);
});
