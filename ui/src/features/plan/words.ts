// A plan in words.
import type { Cost, SyncPlan, TypePlan } from "../../backend/generated/wire";
import { count } from "../../design/format";
import { en } from "../../messages/en";

/** "52 s", "40 min", "1 h 36 min": whole steps that nobody could hold against a clock. */
export function time(seconds: number): string {
  if (seconds < 1) return "1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const rest = minutes % 60;
  return [`${Math.floor(minutes / 60)} h`, rest > 0 ? `${rest} min` : ""].filter(Boolean).join(" ");
}

/** "<1 %", "4 %" of a day's requests. */
export const share = (percent: number | null): string | null => (percent === null ? null : percent < 1 ? "<1 %" : `${Math.round(percent)} %`);

/** How the fact differs from what was foretold: "+3 %", "as foretold". */
export function off(plan: number, fact: number): string {
  if (plan <= 0) return "";
  const percent = Math.round((fact / plan - 1) * 100);
  return percent === 0 ? "0 %" : `${percent > 0 ? "+" : "−"}${count(Math.abs(percent))} %`;
}

export function way(type: TypePlan): string {
  const [first, second] = type.ways.map((one) => en.plan.ways[one]);
  const how = first && second ? en.plan.besides(first, second) : (first ?? type.reason ?? "");
  return type.changes ? `${how}, ${en.plan.changes}` : how;
}

export const records = (plan: SyncPlan): { value: number; exact: boolean } => ({
  value: plan.types.reduce((sum, one) => sum + one.records.value, 0),
  exact: plan.types.every((one) => one.records.exact),
});

export type Compared = [label: string, plan: string, fact: string, off: string];
export function compared(plan: Cost, fact: Cost, disk: (mb: number) => string): Compared[] {
  const words = en.plan.fact;
  return [
    [words.time, time(plan.seconds), time(fact.seconds), off(plan.seconds, fact.seconds)],
    [words.requests, count(plan.requests), count(fact.requests), off(plan.requests, fact.requests)],
    [words.disk, disk(plan.megabytes), disk(fact.megabytes), off(plan.megabytes, fact.megabytes)],
  ];
}
