// The pretend Doctor: checks that stream in, the last requests, a bundle, and the troubles of the demo portal.
import type { Bundle, Doctor, DoctorOutcome, DoctorRow, RequestLog, RequestRow, Trouble, WireError } from "../generated/wire";

const tickets: WireError = {
  code: "missing_scope",
  title: "Permission missing: tickets.",
  text: "The key may not read this.",
  fix: ["Open the key in HubSpot and add the permission.", "Check again."],
  actions: ["open_keys_in_hubspot", "check_again"],
  technical: "missing: tickets",
};
const clock: WireError = { code: "clock_skew", title: "This computer's clock is off by 7 min.", text: "Sign-in and times can be wrong because of it.", fix: ["Set the clock to the right time."], actions: ["check_again"], technical: "" };

type Plan = [id: string, label: string, outcome: DoctorOutcome, sentence: string, ms: number, error?: WireError];
const PLAN: Plan[] = [
  ["version", "Portside and web view", "fine", "Portside 0.1.0, WebKitGTK 2.50.6", 1],
  ["keychain", "Keychain", "fine", "Stored and read back", 9],
  ["data_folder", "Data folder", "fine", "Readable only by you", 2],
  ["disk", "Disk", "fine", "212 GB free", 1],
  ["clock", "Clock", "fine", "0.3 s behind HubSpot", 1],
  ["proxy", "Proxy", "not_applicable", "None set; connections are direct", 1],
  ["reachable", "HubSpot", "fine", "Reached in 84 ms, certificate valid", 84],
  ["key/norrsken", "Key", "fine", "Accepted: service key pat-eu1-…3f9c, 12 days old", 180],
  ["scopes/norrsken", "Permissions", "look", "14 of 15; tickets are skipped", 210, tickets],
  ["budget/norrsken", "Request budget", "fine", "31,402 of 625,000 used today", 60],
  ["database/norrsken", "Database", "fine", "Quick check passed, 1.9 GB", 38],
  ["integrity/norrsken", "Database, every page", "fine", "Every page reads well", 48_200],
];

export class PretendDoctor {
  rows: DoctorRow[] = PLAN.map(([id, label]) => ({ id, label, connection: id.includes("/") ? "Norrsken Cycles" : null, outcome: "next", sentence: "", ms: null, long: false, error: null }));
  ranAt: string | null = null;
  skewed = false;

  run(only: string[]): void {
    for (const row of this.rows) if (only.length === 0 || only.includes(row.id)) Object.assign(row, { outcome: "next", sentence: "", ms: null, long: false, error: null });
    this.step();
  }

  /** False once there is nothing left to do. */
  step(): boolean {
    for (const row of this.rows.filter((one) => one.outcome === "running")) {
      const [, , outcome, sentence, ms, error] = PLAN.find(([id]) => id === row.id) as Plan;
      Object.assign(row, { outcome, sentence, ms, error: error ?? null, long: false });
      if (row.id === "clock" && this.skewed) Object.assign(row, { outcome: "broken", sentence: "7 min slow", error: clock });
    }
    const next = this.rows.find((row) => row.outcome === "next");
    if (next) Object.assign(next, { outcome: "running", long: next.id.startsWith("integrity") });
    else this.ranAt = new Date().toISOString();
    return next !== undefined;
  }

  answer(): Doctor {
    const of = (outcome: DoctorOutcome) => this.rows.filter((row) => row.outcome === outcome).length;
    const running = of("next") + of("running") > 0 && this.rows.some((row) => row.outcome === "running");
    const begun = running || this.ranAt !== null;
    const verdict = !begun || running ? "" : of("broken") > 0 ? `${of("fine")} good, ${of("broken")} broken.` : of("look") > 0 ? `${of("fine")} good, ${of("look")} to look at. If nothing bothers you, you can ignore it.` : "Everything works.";
    return { rows: structuredClone(this.rows), running, verdict, ran_at: this.ranAt };
  }
}

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
export function requests(failed: boolean): RequestLog {
  const row = (seconds: number, method: string, path: string, status: number | null, ms: number, attempt: number, reason: string | null, id: string | null): RequestRow => ({ at: ago(seconds), connection: "norrsken", method, path, status, ms, attempt, reason, correlation_id: id });
  const bad = [
    row(48, "POST", "/crm/objects/2026-03/deals/search", 429, 61, 1, "RATE_LIMITS", "7c1d90aa-42be-4f0e-9a31-02c4d1ee8b17"),
    row(51, "POST", "/crm/objects/2026-03/deals/search", 429, 58, 1, "RATE_LIMITS", "0be2a7c1-5ad0-4c77-8e2b-dfd1f07c1a55"),
    row(480, "GET", "/crm/objects/2026-03/contacts", 502, 3004, 1, null, "e08b1f5c-9d33-4a71-b3f4-bb2a61c9d7e0"),
    row(620, "GET", "/crm/objects/2026-03/contacts/{id}", null, 30_000, 2, "timed out", null),
    row(1200, "GET", "/crm/objects/2026-03/tickets", 403, 92, 1, "MISSING_SCOPES", "1ab4c6e2-0f57-48d9-9e0f-6d3a2b1c0f99"),
  ];
  const good = Array.from({ length: 60 }, (_, at) => row(at * 3, "GET", at % 3 ? "/crm/objects/2026-03/contacts" : "/crm/associations/2026-03/contacts/companies/batch/read", 200, 80 + ((at * 37) % 240), 1, null, null));
  const rows = (failed ? bad : [...bad, ...good]).sort((a, b) => b.at.localeCompare(a.at));
  const groups = [
    { kind: "429 RATE_LIMITS", count: 2, last_at: ago(48) },
    { kind: "502", count: 1, last_at: ago(480) },
    { kind: "timed out", count: 1, last_at: ago(620) },
    { kind: "403 MISSING_SCOPES", count: 1, last_at: ago(1200) },
  ];
  return { rows, groups };
}

export const bundle = (): Bundle => ({
  id: "k7f2qm",
  files: [
    { name: "about.txt", text: "Portside 0.1.0\nLinux 6.8, x86_64\nWeb view: WebKitGTK 2.50.6\nData folder: ~/.local/share/Portside\n" },
    { name: "doctor.json", text: JSON.stringify({ verdict: "14 good, 1 to look at.", rows: PLAN.map(([id, , outcome, , ms]) => ({ id, outcome, ms })) }, null, 2) },
    { name: "connections.json", text: JSON.stringify([{ id: "portal-…305", kind: "service_key", key: "REDACTED", state: "active" }], null, 2) },
    { name: "requests.txt", text: requests(false).rows.map((one) => `${one.at} ${one.method} ${one.path} ${one.status ?? "-"} ${one.ms} ms`).join("\n") },
    { name: "log.txt", text: "INFO sync: page stored object=contacts rows=100\nWARN hubspot: 429 waiting 10 s\nINFO record: <text 12>\n" },
  ],
});

export const TROUBLES: readonly Omit<Trouble, "on">[] = [
  { id: "key_ended", label: "The key ends", text: "HubSpot refuses the key: syncing stops and asks to reconnect." },
  { id: "scope_lost", label: "A permission is taken away", text: "Tickets are skipped and say which permission is missing." },
  { id: "rate_limited", label: "Slow down", text: "HubSpot answers 429: the import waits and goes on by itself." },
  { id: "daily_limit", label: "Today's requests are used up", text: "The import stops until midnight, portal time." },
  { id: "hubspot_trouble", label: "HubSpot has a problem", text: "Every other answer is a 502; after five tries the run stops." },
  { id: "slow", label: "A slow network", text: "Every answer takes three seconds." },
  { id: "cut", label: "A broken network", text: "Connections break off half way." },
];
