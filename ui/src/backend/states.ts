// How each state looks: tone and icon. One exhaustive table each; the states themselves are decided in Rust.
import type { Tone } from "./errors";
import type { ActivityLevel, CheckOutcome, DoctorOutcome, OperationalState, Standing, StreamState } from "./generated/wire";

export type StateIcon =
  | "arc" | "bars" | "check" | "clock" | "cross" | "dash" | "filling-ring" | "key" | "pause" | "pause-circle" | "plug" | "skip" | "warn" | "wrench"; // names of drawings

interface Face {
  tone: Tone;
  icon: StateIcon;
}
const face = (tone: Tone, icon: StateIcon): Face => ({ tone, icon });

export const STATES: Record<OperationalState, Face> = {
  pending_setup: face("idle", "dash"),
  active: face("ok", "check"),
  syncing: face("info", "arc"),
  backfilling: face("info", "filling-ring"),
  draining_queue: face("info", "arc"),
  queue_backed_up: face("warn", "warn"),
  synthesis_error: face("warn", "warn"),
  stale: face("warn", "clock"),
  rate_limited: face("hold", "pause-circle"),
  setup_error: face("err", "wrench"),
  auth_error: face("err", "key"),
  error: face("err", "cross"),
  paused: face("idle", "pause"),
  inactive: face("idle", "plug"),
};

/** Another connection in one of these asks for a person. */
export const ASKS_FOR_YOU: ReadonlySet<OperationalState> = new Set(["auth_error", "setup_error", "error", "pending_setup"]);

export const STREAMS: Record<StreamState, Face> = {
  queued: face("idle", "dash"),
  counting: face("info", "arc"),
  filling: face("info", "arc"),
  linking: face("info", "arc"),
  indexing: face("info", "arc"),
  checking: face("info", "arc"),
  waiting: face("hold", "pause-circle"),
  done: face("ok", "check"),
  skipped: face("warn", "skip"),
  failed: face("err", "cross"),
  paused: face("idle", "pause"),
};

export const OUTCOMES: Record<CheckOutcome, Face> = {
  next: face("idle", "dash"),
  running: face("info", "arc"),
  good: face("ok", "check"),
  look: face("warn", "warn"),
  broken: face("err", "cross"),
  skipped: face("idle", "skip"),
};

export const FINDINGS: Record<DoctorOutcome, Face> = {
  next: face("idle", "dash"),
  running: face("info", "arc"),
  fine: face("ok", "check"),
  look: face("warn", "warn"),
  broken: face("err", "cross"),
  not_applicable: face("idle", "skip"),
};

export const STANDINGS: Record<Standing, Face> = {
  granted: face("ok", "check"),
  missing: face("warn", "skip"),
  unknown: face("idle", "dash"),
};

export const LEVELS: Record<ActivityLevel, Tone> = { info: "idle", good: "ok", warn: "warn", error: "err" };
