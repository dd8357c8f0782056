import { expect, it } from "vitest";
import type { Column, ObjectTab } from "../../backend/generated/wire";
import { WIDTH_MAX, WIDTH_MIN, edges, orderOf, rememberWidths, rememberedWidths, shown, widthOf, withWidth } from "./columns";

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

const tab = (...columns: Column[]): ObjectTab => ({ object: "x", singular: "X", plural: "Xs", custom: false, count: 0, skipped: null, indexed: true, columns });
const title: Column = { name: "title", label: "Name", kind: "title", sortable: false };

it("a column that only repeats the name is not shown, and the name is sorted by it", () => {
  const deals = shown(tab(title, { ...column("dealname"), label: "Deal name" }, column("amount", "currency")));
  expect(deals.columns.map((one) => one.name)).toEqual(["title", "amount"]);
  expect(deals.columns[0]).toMatchObject({ label: "Deal name", sortable: true });
  expect(orderOf(deals, deals.columns[0] as Column)).toBe("dealname");
});

it("a name made of several columns is sorted by the one it begins with, and all of them are shown", () => {
  const contacts = shown(tab(title, column("firstname"), column("lastname")));
  expect(contacts.columns.map((one) => one.name)).toEqual(["title", "firstname", "lastname"]);
  expect(orderOf(contacts, contacts.columns[0] as Column)).toBe("firstname");
});

it("a name that nothing orders cannot be sorted by", () => {
  const bikes = shown(tab(title, column("frame_no")));
  expect(bikes.columns[0]?.sortable).toBe(false);
});
