// Pretend portals in every state the window must show. Times are relative to the moment of loading.
import type { Activity, Attention, ConnectionStatus, ObjectProgress, OperationalState, ReadingWay, StreamState, SyncPlan, TypePlan, WireError } from "../generated/wire";
import { proved, unproved } from "./proof";
import { standings } from "./permissions";
import { nameOf } from "./rows";

export const SCENARIOS = [
  "empty", "backfilling", "active", "rate_limited", "auth_error", "skipped", "demo", // the seven every screen is drawn in
  "counting", "paused", "stale", "setup_error", "error", "offline", "finished", "pending", "inactive", "syncing", "two", "oauth", "uninstalled", "exchange", "differs", "locked", "unstarted",
] as const;
export type Scenario = (typeof SCENARIOS)[number];
export const isScenario = (name: string): name is Scenario => (SCENARIOS as readonly string[]).includes(name);

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
export const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

function stream(object: string, found: number | null, filled: number, state: StreamState, more: Partial<ObjectProgress> = {}): ObjectProgress {
  const exact = state === "done" || !["deals", "links"].includes(object);
  return {
    object,
    label: object === "links" ? "Links" : nameOf(object)[1],
    found: found === null ? null : { value: found, exact },
    filled,
    to_go: found === null ? null : { value: Math.max(0, found - filled), exact },
    rate: null,
    left: null,
    state,
    reason: { filling: "Filling", linking: "Linking", done: "Done", skipped: "Skipped", waiting: "Waiting", counting: "Counting", queued: "Queued", indexing: "Indexing", checking: "Checking", failed: "Failed", paused: "Paused" }[state],
    waiting_until: null,
    last_good_at: null,
    quarantined: 0,
    left_out: false,
    ...more,
  };
}
const done = (object: string, n: number, minutes: number, more: Partial<ObjectProgress> = {}) => stream(object, n, n, "done", { last_good_at: ago(minutes), ...more });

const NO_TICKETS = "The permission “tickets” is missing.";
const NOT_IN_PLAN = "Not in this account's plan, it seems: “tickets” was asked for, and HubSpot left it out.";

export const refusals = {
  tickets: {
    code: "missing_scope",
    title: "Tickets are skipped.",
    text: "The permission “tickets” is missing.",
    fix: ["Open the key in HubSpot: Development → Keys → Service keys.", "Add the permission “tickets” and save.", "Come back and check again."],
    actions: ["open_keys_in_hubspot", "check_again", "skip_object"],
    technical: "403 MISSING_SCOPES · correlation 5c9d2f41-77aa · GET /crm/objects/2026-03/tickets",
  },
  ended: {
    code: "auth_expired",
    title: "HubSpot ended this connection.",
    text: "The key was deleted or rotated in HubSpot. Your local data is safe and readable; syncing is stopped.",
    fix: ["Copy the new key from HubSpot.", "Reconnect and paste it."],
    actions: ["reconnect", "open_keys_in_hubspot"],
    technical: "401 EXPIRED_AUTHENTICATION · correlation 7711aa02-90fe · GET /account-info/2026-03/details",
  },
  offline: {
    code: "offline",
    title: "HubSpot cannot be reached.",
    text: "This computer seems to be offline. Portside tries again by itself.",
    fix: ["Check the network."],
    actions: ["try_again"],
    technical: "connect: network is unreachable",
  },
  keychain: {
    code: "keychain_locked",
    title: "Your system keychain is locked.",
    text: "The key of this connection cannot be read.",
    fix: ["Unlock the keychain.", "Try again."],
    actions: ["try_again", "use_encrypted_file"],
    technical: "org.freedesktop.Secret.Error.IsLocked",
  },
  locked: {
    code: "vault_locked",
    title: "Your keys are locked.",
    text: "They are in an encrypted file, which opens with your passphrase once a start. Copies stay readable; nothing is fetched until then.",
    fix: ["Unlock the keys with your passphrase."],
    actions: ["unlock_vault"],
    technical: "",
  },
  uninstalled: {
    code: "app_uninstalled",
    title: "The app is no longer installed in this portal.",
    text: "Somebody uninstalled it, or took its access away. The local copy is safe and readable; nothing is fetched any more.",
    fix: ["Reconnect: sign in with HubSpot again."],
    actions: ["reconnect"],
    technical: "400 BAD_REFRESH_TOKEN · POST /oauth/2026-03/token",
  },
  exchange: {
    code: "exchange_failed",
    title: "HubSpot said yes, but the last step failed.",
    text: "HubSpot does not accept this client secret.",
    fix: ["What you typed is kept.", "Mend the cause, then try again."],
    actions: ["continue_setup", "fix_client_secret"],
    technical: "400 BAD_CLIENT_SECRET · POST /oauth/2026-03/token",
  },
  trouble: {
    code: "hubspot_trouble",
    title: "HubSpot answered with errors.",
    text: "Five tries in a row ended with 502. The next try is in a minute.",
    fix: [],
    actions: ["try_again"],
    technical: "502 · GET /crm/objects/2026-03/deals",
  },
} satisfies Record<string, WireError>;
const attention = (error: WireError, object: string | null = null): Attention => ({ error, object, count: 1 });
const act = (minutes: number, text: string, level: Activity["level"] = "info"): Activity => ({ at: ago(minutes), level, text });

const history = [610, 655, 690, 684, 702, 716, 690, 505, 340, 500, 684, 712, 725, 702, 690, 704, 712, 655, 706, 716, 704, 710, 720];

/** Schedule and diagnostics of a connection that is well. */
function watched(): Pick<ConnectionStatus, "operational_state" | "also" | "schedule" | "hubspot_backfill" | "hubspot_diagnostics" | "setup_help"> {
  return {
    operational_state: "active",
    also: [],
    schedule: { kept: true, cadence_minutes: 15, next: "poll", next_at: inSeconds(13 * 60), sentence: "The next check comes at its time.", quiet_hours: null, quiet_now: false, paused_until: null, resumes_at: null, failures: 0 },
    hubspot_backfill: { status: "complete", since: new Date(Date.now() - 2 * 365 * 86_400_000).toISOString(), started_at: ago(89), completed_at: ago(48), counts: {}, state: {} },
    hubspot_diagnostics: {
      last_successful_hubspot_pull: ago(2), last_queue_enqueue: ago(2), queue: 0, queue_state: "empty", queue_oldest_at: null,
      records_pulled_by_type: {}, last_poll_record_counts_by_type: {}, latest_deal_seen: null, aggregate_recompute_at: null,
      synthesis_cadence: null, synthesis_period_key: null, synthesis_recomputed_at: null, synthesis_count: null, synthesis_skipped_reason: null, synthesis_last_error: null,
      persistent_errors: [], setup_error: null, last_error: null, ages: [], filters: [], excluded_by_type: {},
    },
    setup_help: { flow: "A service key.", permissions: [], wrong_flow_error: "This account is not eligible to connect to Claude", wrong_flow_help: "That page belongs to another product." },
  };
}

function base(): ConnectionStatus {
  return {
    connection: "norrsken",
    name: "Norrsken Cycles",
    kind: "service_key",
    portal: "24817305",
    region: "eu1",
    ui_domain: "app-eu1.hubspot.com",
    time_zone: "Europe/Oslo",
    state: "active",
    setup_error: null,
    last_error: null,
    scopes: standings([]),
    key_hint: "pat-eu1-…3f9c",
    key_set_at: ago(12 * 1440),
    sentence: "31 records had changed at the last check.",
    paused: false,
    running: false,
    attention: [],
    progress: { first_import: false, started_at: null, continued: null, to_go: { value: 0, exact: true }, percent: 100, rate: null, left: null, history: [], silent_seconds: null, finished: "1,362,159 records and 591,100 links in 41 min, 27,300 requests, 0 errors" },
    objects: [
      done("contacts", 1_000_000, 2), done("companies", 84_044, 2), done("deals", 53_012, 2), done("tickets", 9_411, 2), done("notes", 41_206, 2),
      done("calls", 18_733, 2), done("products", 1_962, 2), done("crm_users", 214, 2),
    ],
    absent: [
      { object: "quotes", label: "Quotes", reason: "Not in this account's plan, or not switched on.", missing_scopes: [] },
      { object: "leads", label: "Leads", reason: "The permission “crm.objects.leads.read” is missing.", missing_scopes: ["crm.objects.leads.read"] },
    ],
    links: done("links", 591_100, 2),
    budget: {
      general: { used: 12, max: 190, interval_seconds: 10 },
      search: { used: 0, max: 5, interval_seconds: 1 },
      associations: { used: 1, max: 100, interval_seconds: 10 },
      daily_used: 31_402,
      daily_limit: 625_000,
    },
    activity: [act(2, "Checked for changes: 31 records", "good"), act(17, "Checked for changes: nothing new", "good"), act(48, "First import finished", "good"), act(89, "First import started")],
    since: new Date(Date.now() - 2 * 365 * 86_400_000).toISOString(),
    last_success_at: ago(2),
    plan: {
      plan: { requests: 26_840, calls: { general: 14_120, search: 5_840, associations: 6_880 }, seconds: 2_390, megabytes: 1_870 },
      fact: { requests: 27_300, calls: { general: 14_390, search: 6_010, associations: 6_900 }, seconds: 2_460, megabytes: 1_912 },
      interrupted: false,
    },
    database_megabytes: 1912,
    proof: proved(),
    ...watched(),
  };
}

function importing(): ConnectionStatus {
  const status = base();
  status.state = "backfilling";
  status.sentence = "First import. You can browse what is already here.";
  status.running = true;
  status.last_success_at = null;
  status.proof = unproved();
  Object.assign(status.schedule, { next: "nothing", next_at: null, sentence: "The first import goes on; checks begin after it." });
  status.hubspot_backfill.status = "running";
  status.progress = { first_import: true, started_at: ago(18), continued: null, to_go: { value: 541_300, exact: false }, percent: 61, rate: 720, left: "about 12 min", history, silent_seconds: null, finished: null };
  status.objects = [
    stream("contacts", 1_204_331, 716_000, "filling", { rate: 720, left: "11 min" }),
    done("companies", 84_044, 4),
    stream("deals", 53_000, 0, "queued"),
    stream("tickets", null, 0, "skipped", { reason: NO_TICKETS }),
    done("notes", 41_206, 13), done("calls", 18_733, 10), done("products", 1_962, 19), done("crm_users", 214, 20),
  ];
  status.links = stream("links", 591_100, 301_100, "linking", { rate: 400, left: "12 min" });
  status.attention = [attention(refusals.tickets, "tickets")];
  status.scopes = standings(["tickets"]);
  status.budget.general.used = 142;
  status.budget.search.used = 5;
  status.activity = [act(1, "Contacts +43,000"), act(4, "Companies done, 84,044", "good"), act(10, "Calls done, 18,733", "good"), act(18, "Tickets skipped: the permission “tickets” is missing", "warn"), act(20, "First import started")];
  status.database_megabytes = 1204;
  return status;
}

const DEMO: [string, number][] = [["contacts", 6_200], ["companies", 1_400], ["deals", 1_850], ["tickets", 420], ["notes", 1_300], ["calls", 640], ["meetings", 310], ["tasks", 240], ["products", 60], ["workshops", 60]];

/** The demo portal at the start of its import. */
export function demo(): ConnectionStatus {
  const status = base();
  Object.assign(status, { connection: "demo", name: "Demo portal", kind: "demo", portal: "10000042", region: "na1", ui_domain: null, time_zone: "US/Eastern", state: "backfilling", running: true, attention: [], last_success_at: null, database_megabytes: 4, since: "all", key_hint: null, key_set_at: null } satisfies Partial<ConnectionStatus>);
  status.sentence = "First import. You can browse what is already here.";
  status.proof = unproved();
  status.objects = DEMO.map(([object, n]) => stream(object, n, 0, "queued"));
  status.links = stream("links", 18_200, 0, "queued");
  status.progress = { first_import: true, started_at: ago(0), continued: null, to_go: { value: 30_680, exact: false }, percent: 0, rate: null, left: null, history: [], silent_seconds: null, finished: null };
  status.activity = [act(0, "First import started")];
  status.budget.daily_limit = 250_000;
  status.budget.daily_used = 40;
  return status;
}

/** A connection whose sign-in has not ended yet. */
export function pending(connection: string, name: string): ConnectionStatus {
  const status = inState(base(), "pending_setup", "Setup is not finished.", { connection, name, kind: "oauth", portal: null, region: null, ui_domain: null, time_zone: null, objects: [], last_success_at: null, activity: [], database_megabytes: 0, key_hint: null, key_set_at: null, scopes: standings(null), proof: unproved() });
  status.progress = { ...status.progress, to_go: null, percent: null, finished: null };
  status.links = stream("links", null, 0, "queued");
  return status;
}

function inState(status: ConnectionStatus, state: OperationalState, sentence: string, more: Partial<ConnectionStatus> = {}): ConnectionStatus {
  return Object.assign(status, { state, sentence, ...more });
}

export function statuses(scenario: Scenario): ConnectionStatus[] {
  switch (scenario) {
    case "empty":
      return [];
    case "demo":
      return [demo()];
    case "backfilling":
      return [importing()];
    case "skipped":
      return [inState(base(), "active", "Everything except tickets is up to date.", { attention: [attention(refusals.tickets, "tickets")], scopes: standings(["tickets"]), objects: base().objects.map((one) => (one.object === "tickets" ? stream("tickets", null, 0, "skipped", { reason: NO_TICKETS }) : one)) })];
    case "rate_limited": {
      const status = inState(importing(), "rate_limited", "Waiting for HubSpot's limit. Nothing to do, the import goes on by itself.");
      const until = inSeconds(9);
      for (const one of status.objects) if (one.state === "filling" || one.state === "queued") Object.assign(one, { state: "waiting", reason: "Waiting", waiting_until: until, rate: null });
      status.progress.rate = null;
      status.progress.history = [...history.slice(0, -4), 640, 410, 120, 0, 0];
      status.budget.general.used = 190;
      status.activity.unshift(act(0, "HubSpot asked for a pause, 10 s", "warn"));
      return [status];
    }
    case "auth_error":
      return [inState(base(), "auth_error", "HubSpot ended this connection. Your local data stays usable.", { attention: [attention(refusals.ended), attention(refusals.tickets, "tickets")], scopes: standings(["tickets"]), last_error: refusals.ended, last_success_at: ago(212) })];
    case "counting": {
      const status = importing();
      status.progress = { ...status.progress, started_at: ago(0), to_go: null, percent: null, rate: null, left: null, history: [], silent_seconds: 6 };
      status.objects = status.objects.map((one, at) => stream(one.object, null, at === 0 ? 400 : 0, at === 0 ? "filling" : at < 3 ? "counting" : "queued"));
      status.links = stream("links", null, 0, "queued");
      status.attention = [];
      status.activity = [act(0, "First import started")];
      return [status];
    }
    case "paused": {
      const status = inState(importing(), "paused", "Paused by you. What is here can be browsed.", { paused: true, running: false });
      Object.assign(status.schedule, { next: "import", paused_until: inSeconds(1800), sentence: "Paused for half an hour." });
      status.objects = status.objects.map((one) => (one.state === "filling" || one.state === "queued" ? { ...one, state: "paused", reason: "Paused", rate: null, left: null } : one));
      status.links = { ...status.links, state: "paused", reason: "Paused", rate: null, left: null };
      Object.assign(status.progress, { rate: null, left: null });
      return [status];
    }
    case "stale":
      return [inState(base(), "stale", "The last good check was 3 h ago.", { last_success_at: ago(184) })];
    case "offline":
      return [inState(base(), "stale", "HubSpot cannot be reached. Portside tries again by itself.", { attention: [attention(refusals.offline)], last_success_at: ago(26) })];
    case "setup_error":
      return [inState(base(), "setup_error", "Setup needs one change.", { attention: [attention(refusals.keychain)], last_success_at: ago(50) })];
    case "error":
      return [inState(base(), "error", "Stopped after 5 tries.", { attention: [attention(refusals.trouble)], objects: base().objects.map((one) => (one.object === "deals" ? { ...one, state: "failed", reason: "Failed" } : one)) })];
    case "finished": {
      const status = base();
      status.progress.started_at = ago(43);
      status.objects = status.objects.map((one) => (one.object === "notes" ? { ...one, quarantined: 3 } : one));
      return [status];
    }
    case "unstarted": {
      const status = inState(pending("norrsken", "Norrsken Cycles"), "active", "Nothing is copied yet.", { kind: "service_key", portal: "24817305", key_hint: "pat-eu1-…3f9c", scopes: standings([]) });
      status.hubspot_backfill.status = "not_started";
      return [status];
    }
    case "differs":
      return [Object.assign(base(), { proof: proved(true), schedule: { ...base().schedule, quiet_hours: "22:00-06:00", quiet_now: true, sentence: "Quiet hours: the next check comes after 06:00." } })];
    case "pending":
      return [pending("norrsken", "Norrsken Cycles")];
    case "exchange":
      return [Object.assign(pending("norrsken", "Norrsken Cycles"), { setup_error: refusals.exchange, sentence: "HubSpot said yes, but the last step failed." })];
    case "oauth":
      return [inState(base(), "active", "31 records had changed at the last check.", { kind: "oauth", key_hint: null, key_set_at: ago(40 * 1440), objects: base().objects.map((one) => (one.object === "tickets" ? stream("tickets", null, 0, "skipped", { reason: NOT_IN_PLAN }) : one)), scopes: standings(["tickets", "crm.objects.custom.read", "crm.schemas.custom.read"]) })];
    case "uninstalled":
      return [inState(base(), "auth_error", "The app is no longer installed in this portal.", { kind: "oauth", key_hint: null, attention: [attention(refusals.uninstalled)], last_error: refusals.uninstalled })];
    case "inactive":
      return [inState(base(), "inactive", "Disconnected. 1,208,582 records are kept here.")];
    case "syncing": {
      const status = inState(base(), "syncing", "Checking for changes: Deals (3 of 6).", { running: true });
      status.progress = { ...status.progress, to_go: { value: 1_204, exact: true }, percent: 74, rate: 210, left: null, started_at: ago(0), history: history.slice(0, 9).map((n) => n / 3), finished: null };
      status.objects = status.objects.map((one) => (one.object === "deals" ? { ...one, state: "filling", reason: "Filling", filled: 51_808, to_go: { value: 1_204, exact: true }, rate: 210 } : one));
      return [status];
    }
    case "two": {
      const other = inState(base(), "auth_error", "HubSpot ended this connection. Your local data stays usable.", { connection: "kestrel", name: "Kestrel & Rowe", portal: "8120447", region: "na1", attention: [attention(refusals.ended)] });
      return [importing(), other];
    }
    case "locked":
    case "active":
      return [base()];
  }
}

/** What a first import of a middling portal costs. */
export function plan(connection: string | null): SyncPlan {
  const none = { general: 0, search: 0, associations: 0 };
  const type = (object: string, label: string, records: number, properties: number, ways: ReadingWay[], by_search = 0): TypePlan => ({
    object, label, records: { value: records, exact: true }, changes: false, properties, ways, by_list: records - by_search, by_search, reason: null,
  });
  return {
    connection,
    sentence: "About 52 s, 1,057 requests, 310 MB on this disk.",
    types: [type("contacts", "Contacts", 100_000, 60, ["list", "search"], 47_600), type("companies", "Companies", 10_000, 42, ["list"]), type("deals", "Deals", 8_400, 38, ["list"])],
    definitions: { ...none, general: 31 },
    records: { ...none, general: 708, search: 240 },
    links: { ...none, associations: 44 },
    checks: { ...none, general: 3, search: 31 },
    cost: { requests: 1_057, calls: { general: 742, search: 271, associations: 44 }, seconds: 52, megabytes: 310 },
    daily_limit: 625_000,
    daily_used: 31_402,
    daily_percent: 0.17,
  };
}

/** The same in the wizard: ten times as much where everything is copied. */
export function draftPlan(all: boolean): SyncPlan {
  const recent = plan(null);
  if (!all) return recent;
  const types = recent.types.map((one) => ({ ...one, records: { ...one.records, value: one.records.value * 10 } }));
  return { ...recent, types, cost: { ...recent.cost, requests: 9_844, seconds: 514, megabytes: 2_980 }, daily_percent: 1.6 };
}
