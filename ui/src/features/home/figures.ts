// What the head of Home says in figures. Pure: a status and a moment in, words out.
import type { ConnectionStatus, ObjectProgress, StreamState } from "../../backend/generated/wire";
import { count, countdown, megabytes, NOTHING, percent, rate, total, when } from "../../design/format";
import { en } from "../../messages/en";

export interface Figure {
  id: string;
  value: string;
  label: string;
  title?: string;
}

const words = en.home.figures;
const MOVING: ReadonlySet<StreamState> = new Set(["counting", "filling", "linking", "indexing", "checking"]);

export const isMoving = (state: StreamState): boolean => MOVING.has(state);
export const streams = (status: ConnectionStatus): ObjectProgress[] => [...status.objects, status.links];

/** Something is still to come: a run that goes on, waits, or was paused half way. */
export function isUnderWay(status: ConnectionStatus): boolean {
  const { progress } = status;
  if (status.running) return true;
  return progress.percent !== null && progress.percent < 100 && status.state !== "inactive";
}

/** Seconds until the first of the waiting streams goes on; none when no stream waits for a known moment. */
export function nextTry(status: ConnectionStatus, now: number): number | null {
  const waits = streams(status)
    .filter((one) => one.state === "waiting" && one.waiting_until !== null)
    .map((one) => (Date.parse(one.waiting_until ?? "") - now) / 1000)
    .filter((seconds) => !Number.isNaN(seconds));
  return waits.length > 0 ? Math.max(0, Math.min(...waits)) : null;
}

export function figures(status: ConnectionStatus, now: number): Figure[] {
  return isUnderWay(status) ? underWay(status, now) : atRest(status, now);
}

function underWay(status: ConnectionStatus, now: number): Figure[] {
  const { progress } = status;
  const list: Figure[] = [];
  const waits = status.state === "rate_limited" ? nextTry(status, now) : null;
  if (waits !== null) list.push({ id: "next", value: countdown(waits), label: words.nextTry });
  if (progress.to_go) {
    list.push({ id: "to-go", value: total(progress.to_go), label: words.toGo, title: words.toGoTitle });
    if (progress.left) list.push({ id: "left", value: progress.left, label: status.state === "rate_limited" || status.paused ? words.frozen : words.left });
  } else {
    // No total yet: say what is here, promise nothing.
    list.push({ id: "so-far", value: count(status.objects.reduce((sum, one) => sum + one.filled, 0)), label: words.soFar });
  }
  if (progress.percent !== null) list.push({ id: "percent", value: percent(progress.percent), label: words.filled });
  if (progress.rate) list.push({ id: "rate", value: rate(progress.rate), label: words.now });
  return list;
}

function atRest(status: ConnectionStatus, now: number): Figure[] {
  const list: Figure[] = [
    { id: "here", value: count(status.objects.reduce((sum, one) => sum + one.filled, 0)), label: words.here },
    { id: "links", value: count(status.links.filled), label: words.links },
  ];
  if (status.last_success_at) list.push({ id: "checked", value: when(status.last_success_at, now), label: words.checked });
  if (status.database_megabytes > 0) list.push({ id: "disk", value: megabytes(status.database_megabytes), label: words.disk });
  return list;
}

/** The bar under the figures: its share, how it looks, what a screen reader says. None when nothing is under way. */
export interface Whole {
  value: number | null;
  still: boolean;
  tone: "live" | "hold" | "quiet";
  words: string;
}

export function whole(status: ConnectionStatus): Whole | null {
  if (!isUnderWay(status)) return null;
  const { percent: done, left } = status.progress;
  const all = streams(status).filter((one) => one.state !== "skipped");
  const filled = all.reduce((sum, one) => sum + one.filled, 0);
  const known = status.progress.to_go;
  const tone = status.state === "rate_limited" ? "hold" : status.running ? "live" : "quiet";
  if (done === null) return { value: null, still: !status.running, tone, words: en.home.barUnknown(count(filled)) };
  if (!known) return { value: done / 100, still: false, tone, words: en.home.barPercent(percent(done)) };
  return { value: done / 100, still: false, tone, words: en.home.barWords(count(filled), total({ value: filled + known.value, exact: known.exact }), left) };
}

/** One object's bar. None where there is nothing to fill: a skipped one. */
export function part(one: ObjectProgress): Whole & { done: boolean } {
  const found = one.found?.value ?? null;
  const done = one.state === "done";
  const tone = one.state === "waiting" ? "hold" : isMoving(one.state) || done ? "live" : "quiet";
  const spoken = en.home.rowWords(one.label, count(one.filled), one.found ? total(one.found) : null, one.left);
  if (found === null) return { value: done ? 1 : null, still: !isMoving(one.state), tone, words: spoken, done };
  const share = found === 0 ? (done ? 1 : 0) : Math.min(1, one.filled / found);
  // A bar is full only when all is committed, never by rounding.
  return { value: done ? share : Math.min(share, 0.99), still: false, tone, words: spoken, done };
}

/** The words of a row's state: what Rust says, with the times that only the window knows. */
export function stateWords(one: ObjectProgress, now: number): string {
  const words = one.reason ?? en.states.stream[one.state];
  if (one.state === "done" && one.last_good_at) return en.home.objects.doneAt(when(one.last_good_at, now));
  return words;
}

export const orNothing = (value: string | null): string => value ?? NOTHING;
