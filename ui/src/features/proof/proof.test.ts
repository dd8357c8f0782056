import { describe, expect, it } from "vitest";
import { proved, unproved } from "../../backend/fake/proof";
import { cell, ordered, summary } from "./proof";

describe("what is proved", () => {
  it("is said for each finding alone", () => {
    const proof = proved();
    expect(summary(proof, "counts")).toMatchObject({ tone: "ok", words: "8 of 8, 4 repaired" });
    expect(summary(proof, "ids")).toMatchObject({ tone: "ok", words: "3 of 8 types" });
    expect(summary(proof, "values")).toMatchObject({ tone: "ok", words: "1 of 8 types" });
    expect(summary(unproved(), "counts")).toMatchObject({ tone: "idle", words: "not yet", at: null });
  });
  it("lets one type that differs outweigh the rest, and shows it first", () => {
    const proof = proved(true);
    proof.types.reverse();
    expect(summary(proof, "counts")).toMatchObject({ tone: "err", words: "in 1 type" });
    expect(summary(proof, "ids").tone).toBe("ok");
    expect(ordered(proof.types)[0]?.object).toBe("contacts");
    const counts = ordered(proof.types)[0]?.counts;
    expect(counts && cell(counts)).toBe("2 differ");
  });
  it("is as old as its oldest part", () => {
    const proof = proved();
    const first = proof.types[0]?.counts;
    if (first) first.at = "2020-01-01T00:00:00Z";
    expect(summary(proof, "counts").at).toBe("2020-01-01T00:00:00Z");
  });
});
