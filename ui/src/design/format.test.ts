import { describe, expect, it } from "vitest";
import { ago, amount, compact, count, countdown, date, megabytes, percent, rate, took, total, when } from "./format";

const NOW = Date.UTC(2026, 10, 21, 13, 30);
const at = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

describe("numbers", () => {
  it("say whether a total is exact, estimated or unknown", () => {
    expect(total({ value: 1_204_331, exact: true })).toBe("1,204,331");
    expect(total({ value: 53_000, exact: false })).toBe("≈53,000");
    expect(total(null)).toBe("–");
  });
  it("round percent down, so that 100 % means all of it", () => {
    expect(percent(99.9)).toBe("99 %");
    expect(percent(100)).toBe("100 %");
  });
  it("show no rate where nothing moves", () => {
    expect(rate(null)).toBe("–");
    expect(rate(0.4)).toBe("<1/s");
    expect(rate(720.4)).toBe("720/s");
  });
  it("stay short in narrow places", () => {
    expect(compact(31_402)).toBe("31k");
    expect(compact(1_204_331)).toBe("1.2M");
    expect(compact(40)).toBe("40");
  });
  it("name sizes people know", () => {
    expect(megabytes(0.2)).toBe("less than 1 MB");
    expect(megabytes(34)).toBe("34 MB");
    expect(megabytes(1912)).toBe("1.9 GB");
  });
  it("write money with its currency, and without one the bare figure", () => {
    expect(amount("75000", "EUR")).toBe("€75,000.00");
    expect(amount("75000.5", null)).toBe("75,000.5");
    expect(amount("n/a", "EUR")).toBe("n/a");
    expect(amount("12", "NOT A CURRENCY")).toBe("12");
  });
  it("group digits without losing any", () => {
    expect(count(10_000_000)).toBe("10,000,000");
  });
});

describe("durations", () => {
  it("count down in fixed shapes and never below nothing", () => {
    expect(countdown(7)).toBe("7 s");
    expect(countdown(6.2)).toBe("7 s");
    expect(countdown(65)).toBe("1:05");
    expect(countdown(3725)).toBe("1:02:05");
    expect(countdown(-3)).toBe("0 s");
  });
  it("name how long one thing took", () => {
    expect([2, 999, 1400, 12_400, 180_000].map(took)).toEqual(["2 ms", "999 ms", "1.4 s", "12 s", "3 min"]);
    expect(took(0.2)).toBe("1 ms");
  });
});

describe("moments", () => {
  it("are a clock today, a word yesterday, a date before, with the year when it is another one", () => {
    expect(when(at(2), NOW, "UTC")).toBe("13:28");
    expect(when(at(24 * 60), NOW, "UTC")).toBe("yesterday 13:30");
    expect(when(at(3 * 24 * 60), NOW, "UTC")).toBe("18 Nov");
    expect(when("2024-02-29T12:00:00Z", NOW, "UTC")).toBe("29 Feb 2024");
    expect(when(null, NOW)).toBe("–");
    expect(when("rubbish", NOW)).toBe("–");
  });
  it("belong to the day of the portal's zone", () => {
    expect(when("2026-11-21T12:30:00Z", NOW, "Asia/Tokyo")).toBe("21:30");
    expect(when("2026-11-20T14:30:00Z", NOW, "Asia/Tokyo")).toBe("yesterday 23:30");
  });
  it("do not fail on a zone that this web view does not know", () => {
    expect(when(at(2), NOW, "Mars/Olympus")).toMatch(/^\d\d:\d\d$/);
  });
  it("say how long ago something changed", () => {
    expect(ago(at(0), NOW, "UTC")).toBe("just now");
    expect(ago(at(2), NOW, "UTC")).toBe("2 min ago");
    expect(ago(at(120), NOW, "UTC")).toBe("today 11:30");
    expect(ago(at(24 * 60), NOW, "UTC")).toBe("yesterday");
  });
  it("keep calendar days as they are, whatever the zone", () => {
    expect(date("2026-11-19")).toBe("19 Nov 2026");
  });
});
