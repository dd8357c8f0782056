import { describe, expect, it } from "vitest";
import { off, share, time, way } from "./words";

describe("a plan in words", () => {
  it.each([[0.2, "1 s"], [52.3, "52 s"], [89, "89 s"], [2_390, "40 min"], [5_736, "1 h 36 min"], [7_200, "2 h"]] as const)("%d s are %s", (seconds, words) => {
    expect(time(seconds)).toBe(words);
  });
  it("says a share of the day, and none where HubSpot tells no limit", () => {
    expect([share(null), share(0.17), share(4.3)]).toEqual([null, "<1 %", "4 %"]);
  });
  it("says how far the fact is off", () => {
    expect([off(100, 103), off(100, 97), off(100, 100), off(0, 4)]).toEqual(["+3 %", "−3 %", "0 %", ""]);
  });
  it("names both ways where they go side by side, and the reason where there is none", () => {
    const type = { object: "contacts", label: "Contacts", records: { value: 1, exact: true }, changes: false, properties: 3, by_list: 1, by_search: 0 };
    expect(way({ ...type, ways: ["list", "search"], reason: null })).toBe("list, search beside it");
    expect(way({ ...type, ways: [], reason: "The permission “tickets” is missing." })).toBe("The permission “tickets” is missing.");
    expect(way({ ...type, ways: ["search"], changes: true, reason: null })).toBe("search, only what changed");
  });
});
