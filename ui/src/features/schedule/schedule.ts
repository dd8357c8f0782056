// The schedule in words, and the times that a pause can end.
import type { Schedule } from "../../backend/generated/wire";
import { clock } from "../../design/format";
import { en } from "../../messages/en";

/** Whole minutes, then hours: nobody waits for it with a watch. */
function inWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (minutes <= 1) return en.schedule.soon;
  return minutes < 90 ? en.schedule.minutes(minutes) : en.schedule.inHours(Math.round(minutes / 60));
}

/** "14:46, in 13 min"; "now" when it is due; nothing when it is not known. */
export function next(schedule: Schedule, now: number): string {
  const at = schedule.paused_until ?? schedule.resumes_at ?? schedule.next_at;
  if (at === null) return en.schedule.none;
  const left = (Date.parse(at) - now) / 1000;
  return left < 1 ? en.schedule.due : en.schedule.at(clock(at), inWords(left));
}

export function nextLabel(schedule: Schedule): string {
  if (schedule.paused_until !== null) return en.schedule.paused;
  if (schedule.resumes_at !== null) return en.schedule.resumes;
  return en.schedule.next[schedule.next];
}

export const MORNING = 8;
export const inHalfAnHour = (now: number): string => new Date(now + 30 * 60_000).toISOString();
/** Tomorrow at eight, by this computer's clock; after midnight, today's. */
export function tomorrow(now: number): string {
  const at = new Date(now);
  if (at.getHours() >= 5) at.setDate(at.getDate() + 1);
  at.setHours(MORNING, 0, 0, 0);
  return at.toISOString();
}
