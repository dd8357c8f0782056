import { describe, expect, it } from "vitest";
import { strengthOf } from "./strength";

describe("how long a passphrase would hold", () => {
  it.each([
    ["", "short"],
    ["123456789", "short"],
    ["ÄÖÜäöü€€€", "short"],
    ["1234567890", "weak"],
    ["aaaaaaaaaaaaaaaaaaaa", "weak"],
    ["password2027", "weak"],
    ["hubspot portside", "weak"],
    ["bluecups7x", "fair"],
    ["wM7!kk2$pQ9", "fair"],
    ["eleven blue cups sing", "strong"],
    ["Vier grüne Räder rollen", "strong"],
  ] as const)("%s is %s", (text, strength) => {
    expect(strengthOf(text)).toBe(strength);
  });
});
