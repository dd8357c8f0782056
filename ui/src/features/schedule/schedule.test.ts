import { describe, expect, it } from "vitest";
import type { Schedule } from "../../backend/generated/wire";
import { clock } from "../../design/format";
import { inHalfAnHour, next, nextLabel, tomorrow } from "./schedule";

const schedule: Schedule = { kept: true, cadence_minutes: 15, next: "poll", next_at: null, sentence: "", quiet_hours: null, quiet_now: false, paused_until: null, resumes_at: null, failures: 0 };
const NOW = new Date(2026, 10, 27, 14, 30).getTime();
const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();

describe("the schedule in words", () => {
  it("says when the next check comes", () => {
    expect(next({ ...schedule, next_at: at(13) }, NOW)).toContain(clock(at(13)));
    expect(next({ ...schedule, next_at: at(-1) }, NOW)).toBe("now");
    expect(next(schedule, NOW)).toBe("–");
    expect(nextLabel({ ...schedule, next: "proof" })).toBe("Next proof");
  });
  it("puts a pause and the daily limit before the next check", () => {
    expect(nextLabel({ ...schedule, next_at: at(5), paused_until: at(60) })).toBe("Paused until");
    expect(nextLabel({ ...schedule, resumes_at: at(60) })).toBe("Limit lifted");
    expect(next({ ...schedule, next_at: at(5), paused_until: at(60) }, NOW)).toContain(clock(at(60)));
  });
  it("ends a pause in half an hour, or on the next morning", () => {
    expect(inHalfAnHour(NOW)).toBe(at(30));
    expect(new Date(tomorrow(NOW))).toEqual(new Date(2026, 10, 28, 8, 0));
    expect(new Date(tomorrow(new Date(2026, 10, 28, 1, 0).getTime()))).toEqual(new Date(2026, 10, 28, 8, 0));
    expect(new Date(tomorrow(new Date(2026, 11, 31, 23, 0).getTime()))).toEqual(new Date(2027, 0, 1, 8, 0));
  });
});
