import { describe, expect, it } from "vitest";
import { SCOPES } from "../../backend/fake/permissions";
import { added, asConfig, groupOf, rows, sizeOf, toggled } from "./sets";

const sets = { required: ["oauth", "crm.objects.contacts.read"], conditional: [], optional: ["tickets"] };

describe("the three lists of permissions", () => {
  it("hold a permission once: ticking it elsewhere moves it, ticking it again takes it out", () => {
    const moved = toggled(sets, "tickets", "conditional");
    expect(moved).toEqual({ required: ["oauth", "crm.objects.contacts.read"], conditional: ["tickets"], optional: [] });
    expect(groupOf(toggled(moved, "tickets", "conditional"), "tickets")).toBeNull();
    expect(sizeOf(moved)).toBe(3);
  });
  it("take typed and pasted names, in any writing, once", () => {
    const pasted = added(sets, ' "automation",\n"timeline", tickets\tautomation ');
    expect(pasted.required).toEqual(["oauth", "crm.objects.contacts.read", "automation", "timeline"]);
    expect(pasted.optional).toEqual(["tickets"]);
  });
  it("show what Portside needs first, then what else the app has, ticked or not", () => {
    const list = rows(SCOPES, added(sets, "automation"), ["timeline"]);
    expect(list[0]).toEqual({ scope: "oauth", info: null });
    expect(list.slice(-2).map((one) => one.scope)).toEqual(["automation", "timeline"]);
    expect(list).toHaveLength(SCOPES.length + 3);
  });
  it("are copied as an app file spells them", () => {
    expect(JSON.parse(asConfig(sets))).toEqual({ requiredScopes: ["oauth", "crm.objects.contacts.read"], conditionallyRequiredScopes: [], optionalScopes: ["tickets"] });
  });
});
