import { describe, expect, it } from "vitest";
import type { PropertyGroup, PropertyValue, RecordPage } from "../../backend/generated/wire";
import { countOf, keyProperties, listed } from "./properties";
import { initials } from "./record.svelte";

const property = (name: string, label: string, text: string | null, more: Partial<PropertyValue> = {}): PropertyValue => ({
  name,
  label,
  kind: "text",
  value: { text, raw: null, currency: null },
  calculated: false,
  sensitive: false,
  stored: true,
  description: null,
  ...more,
});
const groups: PropertyGroup[] = [
  { label: "About", properties: [property("fullname", "Name", "Ada Byron", { kind: "title" }), property("firstname", "First name", "Ada"), property("email", "E-mail", "ada@engines.example"), property("phone", "Phone", null)] },
  { label: "Sales", properties: [property("hs_lead_status", "Lead status", "In progress", { description: "Where sales stands" }), property("score", "Score", "")] },
];
const names = (of: PropertyGroup[]): string[] => of.flatMap((group) => group.properties.map((one) => one.name));

describe("listed properties", () => {
  it("with only filled ones, empty properties and empty groups are gone", () => {
    expect(names(listed(groups, "", true))).toEqual(["fullname", "firstname", "email", "hs_lead_status"]);
    expect(countOf(listed(groups, "", false))).toBe(6);
    expect(listed([{ label: "None", properties: [property("a", "A", null)] }], "", true)).toEqual([]);
  });

  it("every word must be found in label, internal name, value or description", () => {
    expect(names(listed(groups, "engines", false))).toEqual(["email"]);
    expect(names(listed(groups, "hs_lead", false))).toEqual(["hs_lead_status"]);
    expect(names(listed(groups, "SALES progress", false))).toEqual(["hs_lead_status"]);
    expect(listed(groups, "engines phone", false)).toEqual([]);
  });
});

it("a quick look shows the grid's columns first and repeats nothing of the title", () => {
  const page = { title: "Ada Byron", groups } as RecordPage;
  expect(keyProperties(page, ["phone", "email", "no_such"], 9).map((one) => one.name)).toEqual(["phone", "email", "hs_lead_status"]);
  expect(keyProperties(page, ["phone", "email"], 1)).toHaveLength(1);
});

it.each([
  ["Élodie Marchand", "ÉM"],
  ["佐藤 美咲", "佐美"],
  ["Kordon", "K"],
  ["“Enterprise” rollout 2026", "E2"],
  ["", ""],
  ["–", ""],
])("the initials of %s are %s", (title, letters) => {
  expect(initials(title)).toBe(letters);
});
