// Words for states. The sentence beside them comes from Rust.
import type { CheckOutcome, ConnectionKind, DoctorOutcome, OperationalState, Standing, StreamState } from "../../backend/generated/wire";

const operational: Record<OperationalState, string> = {
  pending_setup: "Setup unfinished",
  active: "Up to date",
  syncing: "Syncing",
  backfilling: "Backfilling",
  draining_queue: "Catching up",
  queue_backed_up: "Queue backed up",
  synthesis_error: "Summary failed",
  stale: "Stale",
  rate_limited: "Rate limited",
  setup_error: "Setup error",
  auth_error: "Disconnected by HubSpot",
  error: "Stopped",
  paused: "Paused",
  inactive: "Disconnected",
};

const stream: Record<StreamState, string> = {
  queued: "Queued",
  counting: "Counting",
  filling: "Filling",
  linking: "Linking",
  indexing: "Indexing",
  checking: "Checking",
  waiting: "Waiting",
  done: "Done",
  skipped: "Skipped",
  failed: "Failed",
  paused: "Paused",
};

const check: Record<CheckOutcome, string> = { next: "Next", running: "Running", good: "Good", look: "Look", broken: "Broken", skipped: "Skipped" };

const finding: Record<DoctorOutcome, string> = { next: "Next", running: "Running", fine: "Good", look: "Look", broken: "Broken", not_applicable: "Not used" };

const standing: Record<Standing, string> = { granted: "Granted", missing: "Missing", unknown: "Not told" };

const kind: Record<ConnectionKind, string> = { service_key: "Service key", private_app: "Private-app token", oauth: "Your own HubSpot app", demo: "Demo portal" };

export const states = { operational, stream, check, finding, standing, kind };
