import { describe, expect, it } from "vitest";
import type { Cell, ColumnKind } from "../backend/generated/wire";
import { inColumn, inPage, onHover, pieOf, underName, type Reading } from "./values";

const reading: Reading = { raw: false, zone: "Europe/Oslo", now: Date.parse("2026-11-21T13:30:00Z") };
const cell = (text: string | null, raw: string | null = null, currency: string | null = null): Cell => ({ text, raw, currency });

describe("a value as words", () => {
  it.each<[ColumnKind, Cell, string | null]>([
    ["text", cell("Åsa\nLindqvist"), "Åsa\nLindqvist"],
    ["text", cell(null), null],
    ["text", cell(""), null],
    ["number", cell("1204331"), "1,204,331"],
    ["number", cell("0"), "0"],
    ["number", cell("0.125"), "0.125"],
    ["number", cell("12345678901234567890"), "12345678901234567890"],
    ["number", cell("n/a"), "n/a"],
    ["currency", cell("75000", null, "EUR"), "€75,000.00"],
    ["currency", cell("75000"), "75,000"],
    ["currency", cell("soon", null, "EUR"), "soon"],
    ["date", cell("2027-06-30"), "30 Jun 2027"],
    ["date", cell("someday"), "someday"],
    ["bool", cell("true"), "Yes"],
    ["bool", cell("false"), "No"],
    ["enumeration", cell("Lead", "lead"), "Lead"],
    ["date_time", cell("2026-11-21T13:28:30Z"), "1 min ago"],
    ["date_time", cell("2026-11-21T08:12:00Z"), "today 09:12"],
    ["date_time", cell("not yet"), "not yet"],
  ])("%s %o", (kind, value, words) => {
    expect(inColumn(value, kind, reading)).toBe(words);
  });

  it("raw shows what HubSpot sent, where that differs", () => {
    const raw = { ...reading, raw: true };
    expect(inColumn(cell("Lead", "lead"), "enumeration", raw)).toBe("lead");
    expect(inColumn(cell("1204331"), "number", raw)).toBe("1204331");
    expect(inColumn(cell("2026-11-21T08:12:00Z"), "date_time", raw)).toBe("2026-11-21T08:12:00Z");
    expect(inColumn(cell(null), "text", raw)).toBeNull();
  });

  it("times are written in the portal's zone, and both zones are told on hover", () => {
    const value = cell("2026-11-21T08:12:00Z");
    expect(inPage(value, "date_time", reading)).toBe("21 Nov 2026, 09:12");
    expect(inPage(value, "date_time", { ...reading, zone: "America/New_York" })).toBe("21 Nov 2026, 03:12");
    expect(onHover(value, "date_time", reading)).toContain("09:12:00");
    expect(onHover(cell("x"), "text", reading)).toBe("");
  });
});

it.each([
  ["Contract sent · 75000 EUR · 2026-12-15", "Contract sent · €75,000.00 · 15 Dec 2026"],
  ["Lead · Room 2026", "Lead · Room 2026"],
  ["", ""],
])("under a name, %s is written %s", (line, words) => {
  expect(underName(line)).toBe(words);
});

describe("the pie before a stage", () => {
  it("fills along HubSpot's own line of stages", () => {
    const stage = { name: "lifecyclestage", kind: "enumeration" as const };
    const fills = ["subscriber", "lead", "opportunity", "customer", "evangelist"].map((raw) => pieOf(cell(raw, raw), stage) ?? -1);
    expect(fills).toEqual([...fills].sort((a, b) => a - b));
    expect(fills.at(-1)).toBe(100);
  });

  it("is not drawn for a portal's own stages, other columns and empty values", () => {
    expect(pieOf(cell("Frame built", "98127"), { name: "dealstage", kind: "stage" })).toBeNull();
    expect(pieOf(cell("Lead", "lead"), { name: "source", kind: "enumeration" })).toBeNull();
    expect(pieOf(cell(null), { name: "dealstage", kind: "stage" })).toBeNull();
  });
});
