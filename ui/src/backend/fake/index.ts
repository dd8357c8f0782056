// A pretend backend: one scenario of portals, moving like the real one. For tests, and for pictures in a plain browser.
import type { Answer, Backend, Request } from "../backend";
import type { BeginKey, ConnectionStatus, CoreEvent, DisconnectPlan, FinishConnect, Operations, Theme, WireError } from "../generated/wire";
import { PretendChecks, readKey } from "./checks";
import { bundle, PretendDoctor, requests, TROUBLES } from "./doctor";
import { PretendOauth } from "./oauth";
import { SCOPES, standings } from "./permissions";
import { demo, draftPlan, pending, plan, refusals, statuses, type Scenario } from "./scenarios";
import { PretendPlanning } from "./planning";
import { filtered, ordered, row, tab } from "./rows";
import { PretendSettings } from "./settings";
import { verifyPlan } from "./proof";
import { recordPage } from "./record";

export { isScenario, SCENARIOS, type Scenario } from "./scenarios";

interface Options {
  theme?: string | null;
  /** Off in tests and for pictures: nothing moves unless `step` is called. */
  live?: boolean;
  /** Milliseconds an answer takes. */
  delay?: number;
}

/** What only the command line asks. */
type Elsewhere = "await_oauth" | "examine" | "connect_key" | "run_sync" | "query" | "picks" | "pick" | "properties" | "verify";
type Handlers = { [K in Exclude<keyof Operations, Elsewhere>]: (request: Request<K>) => Answer<K> | Promise<Answer<K>> };

const SIZES: Record<string, number> = { contacts: 1_204_331, companies: 84_044, deals: 53_012, links: 591_100 };
const refusal = (code: WireError["code"], title: string): WireError => ({ code, title, text: "", fix: [], actions: ["try_again"], technical: "" });

export class FakeBackend implements Backend {
  /** What was called, in order. */
  readonly calls: { name: keyof Operations; request: unknown }[] = [];
  /** Addresses that would have opened. */
  readonly opened: string[] = [];
  statuses: ConnectionStatus[];
  system: "light" | "dark" = "light";
  theme: Theme;
  checks = new PretendChecks(false);
  readonly oauth = new PretendOauth();
  readonly planning = new PretendPlanning();
  readonly doctor = new PretendDoctor();
  readonly settings = new PretendSettings();
  readonly troubles = new Set<string>();
  /** Attempts whose address would have opened. */
  readonly authorized: string[] = [];
  painted = 0;
  vault = "system keychain";
  vaultLocked = false;
  passphrase = "eleven blue cups";
  /** Makes the browser fail to open. */
  refuseBrowser: WireError | null = null;
  #failures = new Map<keyof Operations, WireError>();
  #heard = new Set<(event: CoreEvent) => void>();
  #snapshots = new Map<string, { object: string; positions: Uint32Array; n: number }>();
  #next = 1;
  /** The connection the draft is for; none makes a new one. */
  #target: string | null = null;
  #options: Options;

  constructor(scenario: Scenario, options: Options = {}) {
    this.#options = options;
    this.statuses = statuses(scenario);
    if (scenario === "locked") [this.vault, this.vaultLocked] = ["encrypted file", true];
    this.theme = options.theme === "dark" || options.theme === "light" ? options.theme : "system";
    for (const status of this.statuses) {
      if (status.kind === "oauth") this.oauth.kept.set(status.connection, { client_id: "5ff1a2d3-7c41-4b0e-9d52-1b6f0a3c8e77", has_secret: true, scopes: this.oauth.setup(null).scopes, port: null });
    }
    if (options.live) setInterval(() => this.step(), 500);
  }

  /** The next call of this name is refused. Without an error, it works again. */
  fail(name: keyof Operations, error: WireError | null): void {
    if (error) this.#failures.set(name, error);
    else this.#failures.delete(name);
  }

  emit(event: CoreEvent): void {
    for (const handler of this.#heard) handler(event);
  }

  async call<K extends keyof Operations>(name: K, request: Request<K>): Promise<Answer<K>> {
    this.calls.push({ name, request: structuredClone(request) });
    if (this.#options.delay) await new Promise((ready) => setTimeout(ready, this.#options.delay));
    const failure = this.#failures.get(name);
    if (failure) throw failure;
    // Answers are copies, as they are over the wire.
    if (!(name in this.#handlers)) throw refusal("bad_request", `The window never asks for ${name}.`);
    const handler = this.#handlers[name as keyof Handlers] as unknown as (request: Request<K>) => Answer<K> | Promise<Answer<K>>;
    return structuredClone(await handler(request));
  }

  listen(handler: (event: CoreEvent) => void): () => void {
    this.#heard.add(handler);
    return () => this.#heard.delete(handler);
  }

  async openExternal(url: string): Promise<void> {
    this.opened.push(url);
  }
  async openAuthorize(attempt: string): Promise<void> {
    if (this.refuseBrowser) throw this.refuseBrowser;
    this.authorized.push(attempt);
  }
  async firstPaint(): Promise<void> {
    this.painted += 1;
  }
  async systemTheme(): Promise<"light" | "dark"> {
    return this.system;
  }

  #status(connection: string): ConnectionStatus {
    const status = this.statuses.find((one) => one.connection === connection);
    if (!status) throw refusal("no_such_connection", "There is no such connection.");
    return status;
  }

  /** Moves every import on by half a second, as the real one would report it. */
  step(): void {
    for (const status of this.statuses) if (status.running && status.state === "backfilling") this.#advance(status);
  }

  #advance(status: ConnectionStatus): void {
    const speed = status.kind === "demo" ? 800 : 360;
    const open = [...status.objects, status.links].filter((one) => !["done", "skipped", "failed"].includes(one.state));
    for (const one of open.slice(0, 3)) {
      const found = one.found?.value ?? SIZES[one.object] ?? 12_000;
      const links = one.object === "links";
      one.found ??= { value: found, exact: !links };
      Object.assign(one, { state: links ? "linking" : "filling", reason: links ? "Linking" : "Filling", rate: Math.round(speed * (1.9 + Math.sin(one.filled) / 9)) });
      one.filled = Math.min(found, one.filled + speed + ((one.filled * 7) % 60));
      one.to_go = { value: found - one.filled, exact: true };
      if (one.filled === found) {
        Object.assign(one, { state: "done", reason: "Done", rate: null, left: null, found: { value: found, exact: true }, last_good_at: new Date().toISOString() });
        status.activity.unshift({ at: new Date().toISOString(), level: "good", text: `${one.label} done, ${found.toLocaleString("en")}` });
      }
    }
    const rows = [...status.objects, status.links].filter((one) => one.state !== "skipped");
    const waiting = rows.some((one) => one.found === null);
    const found = rows.reduce((sum, one) => sum + (one.found?.value ?? 0), 0);
    const filled = rows.reduce((sum, one) => sum + one.filled, 0);
    const progress = status.progress;
    progress.silent_seconds = null;
    progress.to_go = waiting ? null : { value: found - filled, exact: found - filled < 2000 };
    progress.percent = waiting || found === 0 ? null : Math.floor((filled / found) * 100);
    progress.rate = open.slice(0, 3).reduce((sum, one) => sum + (one.rate ?? 0), 0) || null;
    progress.left = progress.rate && (progress.percent ?? 0) >= 2 ? ((found - filled) / progress.rate < 60 ? "<1 min" : `about ${Math.round((found - filled) / progress.rate / 60)} min`) : null;
    progress.history = [...progress.history, progress.rate ?? 0].slice(-60);
    status.budget.general.used = 96 + (filled % 80);
    if (found === filled && !waiting) {
      Object.assign(progress, { first_import: false, percent: null, to_go: null, rate: null, left: null, finished: `${found.toLocaleString("en")} records and links in 21 s, 180 requests, 0 errors` });
      Object.assign(status, { state: "active", sentence: "Up to date.", running: false, last_success_at: new Date().toISOString() });
      status.activity.unshift({ at: new Date().toISOString(), level: "good", text: "First import finished" });
      this.emit({ event: "connections_changed" });
    }
    this.emit({ event: "status_changed", connection: status.connection });
  }

  /** Goes on by itself where things move, telling each step. */
  #follow(step: () => boolean, event: CoreEvent): void {
    if (!this.#options.live) return;
    const timer = setInterval(() => {
      if (!step()) clearInterval(timer);
      this.emit(event);
    }, 260);
  }

  /** What HubSpot's page ends with, as a test wants it. */
  answerAttempt(phase: "connected" | "failed", error: WireError | null = null): void {
    this.oauth.end(phase, error);
    if (phase === "connected") this.#signedIn();
    this.emit({ event: "attempt_changed", attempt: this.oauth.attempt?.attempt ?? "" });
  }

  #signedIn(): void {
    this.checks = new PretendChecks(false);
    this.#target = this.oauth.attempt?.connection ?? null;
    const known = this.statuses.find((one) => one.connection === this.#target);
    if (known?.state === "active") this.checks.gained = known.scopes.filter((one) => one.standing === "missing").map((one) => one.scope);
  }

  /** A known connection gets its new key, or its first one. */
  #renew(status: ConnectionStatus, name: string): { connection: string } {
    if (status.state === "pending_setup") {
      const { kind } = status;
      Object.assign(status, statuses("counting")[0], { connection: status.connection, name: name || status.name, kind });
    } else {
      Object.assign(status, { state: "active", sentence: "Up to date.", attention: [], last_error: null, key_hint: "pat-eu1-…9b1e", key_set_at: new Date().toISOString(), scopes: standings([]) });
    }
    this.emit({ event: "connections_changed" });
    return { connection: status.connection };
  }

  #handlers: Handlers = {
    app_info: () => ({ version: "0.1.0", data_folder: "~/.local/share/Portside", theme: this.theme, vault: this.vault, vault_locked: this.vaultLocked, vault_movable: this.vault === "encrypted file" }),
    use_encrypted_file: () => {
      this.vault = "encrypted file";
      this.checks.noKeychain = false;
      this.emit({ event: "connections_changed" });
      return {};
    },
    use_keychain: () => {
      if (this.vaultLocked) throw { ...refusals.locked };
      this.vault = "system keychain";
      this.emit({ event: "connections_changed" });
      return {};
    },
    unlock_vault: ({ passphrase }) => {
      if (passphrase !== this.passphrase) throw refusal("vault_passphrase", "The passphrase does not open the encrypted file.");
      this.vaultLocked = false;
      this.emit({ event: "connections_changed" });
      return {};
    },
    set_theme: ({ theme }) => {
      this.theme = theme;
      return {};
    },
    connections: () => ({
      connections: this.statuses.map(({ connection, name, kind, portal, region, state, sentence }) => ({ id: connection, name, kind, portal, region, state, sentence })),
    }),
    scopes: () => ({ scopes: [...SCOPES] }),
    oauth_setup: ({ connection }) => this.oauth.setup(connection),
    begin_oauth: (request) => {
      const known = this.statuses.find((one) => one.connection === request.connection);
      const connection = known?.connection ?? `p${this.#next}`;
      const attempt = this.oauth.begin(request, connection);
      if (!known) {
        this.#next += 1;
        this.statuses.push(pending(connection, request.name || "New HubSpot app"));
        this.emit({ event: "connections_changed" });
      }
      return attempt;
    },
    oauth_attempt: ({ attempt }) => this.oauth.answer(attempt),
    paste_callback: ({ attempt, address }) => {
      const answer = this.oauth.paste(attempt, address);
      this.#signedIn();
      return answer;
    },
    cancel_oauth: () => {
      this.oauth.end("cancelled");
      return {};
    },
    write_app_kit: (request) => this.oauth.write(request),
    read_app_kit: (request) => this.oauth.read(request),
    doctor: () => this.doctor.answer(),
    run_doctor: ({ only }) => {
      this.doctor.run(only);
      this.#follow(() => this.doctor.step(), { event: "doctor_changed" });
      return this.doctor.answer();
    },
    request_log: ({ failed }) => requests(failed),
    bundle: () => bundle(),
    save_bundle: ({ id, path }) => ({ path: path || `~/Downloads/portside-${id}.zip` }),
    troubles: () => ({ troubles: TROUBLES.map((one) => ({ ...one, on: this.troubles.has(one.id) })) }),
    make_trouble: ({ id, on }) => {
      if (on) this.troubles.add(id);
      else this.troubles.delete(id);
      return { troubles: TROUBLES.map((one) => ({ ...one, on: this.troubles.has(one.id) })) };
    },
    begin_key: ({ text, connection }: BeginKey) => {
      const draft = readKey(text);
      this.checks = new PretendChecks(text.includes("revoked"));
      this.checks.noKeychain = text.includes("nokeychain");
      this.#target = connection;
      this.checks.gained = this.statuses.find((one) => one.connection === connection)?.scopes.filter((one) => one.standing === "missing").map((one) => one.scope) ?? [];
      this.checks.other = connection !== null && text.includes("other");
      return draft;
    },
    start_checks: ({ draft, only }) => {
      this.checks.begin(only);
      this.checks.step();
      this.#follow(() => this.checks.step(), { event: "checks_changed", draft });
      return this.checks.answer(draft);
    },
    checks: ({ draft }) => this.checks.answer(draft),
    use_as_new_connection: ({ draft }) => {
      this.#target = null;
      this.checks = new PretendChecks(this.checks.revoked);
      this.checks.portal = "7654321";
      return { draft, hint: "", cleaned: [], warning: null };
    },
    discard_draft: () => ({}),
    draft_plan: ({ all_history }) => this.planning.answer(draftPlan(all_history)),
    stop_draft_plan: () => {
      this.planning.stop();
      return {};
    },
    finish_connect: ({ name, all_history }: FinishConnect) => {
      const target = this.statuses.find((one) => one.connection === this.#target && (one.name === name || one.state === "pending_setup"));
      if (target) return this.#renew(target, name);
      if (this.statuses.some((one) => one.name === name)) throw refusal("name_taken", `There is already a connection named “${name}”.`);
      const status = { ...(statuses("counting")[0] as ConnectionStatus), connection: `c${this.#next++}`, name };
      if (all_history) status.since = "all";
      this.statuses.push(status);
      this.emit({ event: "connections_changed" });
      return { connection: status.connection };
    },
    open_demo: () => {
      const known = this.statuses.find((one) => one.kind === "demo");
      if (!known) this.statuses.push(demo());
      this.emit({ event: "connections_changed" });
      return { connection: "demo" };
    },
    connection_status: ({ connection }) => {
      const status = this.#status(connection);
      return this.vaultLocked ? { ...status, attention: [{ error: refusals.locked, object: null, count: 1 }, ...status.attention] } : status;
    },
    start_verify: ({ connection }) => {
      this.#status(connection).proof.running = true;
      this.emit({ event: "status_changed", connection });
      return {};
    },
    verify_plan: ({ deep }) => verifyPlan(deep),
    sync_plan: ({ connection }) => {
      this.#status(connection);
      return plan(connection);
    },
    start_sync: ({ connection }) => {
      const status = this.#status(connection);
      Object.assign(status, { running: true, paused: false, state: "syncing", sentence: "Checking for changes." });
      this.emit({ event: "status_changed", connection });
      return {};
    },
    pause_sync: ({ connection }) => {
      Object.assign(this.#status(connection), { paused: true, running: false, state: "paused", sentence: "Paused by you." });
      this.emit({ event: "status_changed", connection });
      return {};
    },
    resume_sync: ({ connection }) => {
      Object.assign(this.#status(connection), { paused: false, running: true, state: "backfilling", sentence: "First import. You can browse what is already here." });
      this.emit({ event: "status_changed", connection });
      return {};
    },
    pause_until: ({ connection, until }) => {
      const status = this.#status(connection);
      Object.assign(status, { paused: true, running: false, state: "paused", sentence: "Paused by you." });
      status.schedule.paused_until = until;
      this.emit({ event: "status_changed", connection });
      return {};
    },
    run_log: () => ({ runs: [] }),
    settings: () => this.settings.answer(),
    change_setting: ({ key, value }) => {
      if (!this.settings.change(key, value)) throw refusal("bad_request", "This cannot be done.");
      return this.settings.answer();
    },
    skip_object: ({ connection, object, skip }) => {
      const status = this.#status(connection);
      const left = new Set<string>(JSON.parse(this.settings.answer().settings.find((one) => one.key === "skipped_objects")?.value ?? "[]"));
      if (skip) left.add(object);
      else left.delete(object);
      this.settings.change("skipped_objects", JSON.stringify([...left]));
      status.attention = status.attention.filter((one) => one.object !== object);
      status.objects = status.objects.map((one) => (one.object === object ? { ...one, left_out: skip, state: skip ? "skipped" : "queued", reason: skip ? "You left it out." : "It is taken up again with the next run." } : one));
      this.emit({ event: "status_changed", connection });
      return this.settings.answer();
    },
    rename_connection: ({ connection, name }) => {
      if (this.statuses.some((one) => one.name === name && one.connection !== connection)) throw refusal("name_taken", `There is already a connection named “${name}”.`);
      this.#status(connection).name = name;
      this.emit({ event: "connections_changed" });
      return {};
    },
    disconnect_plan: ({ connection }): DisconnectPlan => {
      const status = this.#status(connection);
      return {
        name: status.name,
        portal: status.portal,
        effects: status.kind === "oauth" ? ["Syncing stops at the next page.", "The sign-in is revoked at HubSpot, if it can be reached.", "The tokens and the client secret are deleted from this computer.", "The connection is marked as disconnected; nothing is fetched any more."] : ["Syncing stops at once.", "The key is deleted from your system keychain.", "The connection is marked as disconnected; it asks HubSpot for nothing any more."],
        records: status.objects.reduce((sum, one) => sum + one.filled, 0),
        megabytes: status.database_megabytes,
        hubspot_path: status.kind === "demo" ? "" : status.kind === "oauth" ? "Settings → Integrations → Connected Apps → (app) → Uninstall" : "Development → Keys → Service keys → (key) → Deactivate",
      };
    },
    disconnect: ({ connection, wipe }) => {
      this.statuses = this.statuses.filter((one) => one.connection !== connection);
      this.emit({ event: "connections_changed" });
      return { outcomes: ["Syncing was stopped.", "The key was deleted from your system keychain.", wipe ? "The local records were deleted." : "The local records are kept on this computer."] };
    },
    objects: ({ connection }) => ({
      objects: this.#status(connection).objects.map((one) => tab(one.object, one.filled, one.state === "skipped" ? `The permission “${one.object}” is missing.` : null, one.state === "done")),
    }),
    open_snapshot: ({ connection, object, sort, find }) => {
      const n = this.#status(connection).objects.find((one) => one.object === object)?.filled ?? 0;
      const began = performance.now();
      const positions = filtered(object, ordered(object, n, sort), find ?? "", n);
      const snapshot = `s${this.#next++}`;
      this.#snapshots.set(snapshot, { object, positions, n });
      return { snapshot, total: positions.length, all: n, partial: false, ms: Math.round(performance.now() - began) };
    },
    snapshot_rows: ({ snapshot, start, count, columns }) => {
      const known = this.#snapshots.get(snapshot);
      if (!known) throw refusal("snapshot_gone", "This list is too old.");
      const slice = [...known.positions.subarray(start, start + count)];
      return { start, rows: slice.map((i) => row(known.object, i, columns, known.n)), changed: known.object === "contacts" ? 31 : 0 };
    },
    close_snapshot: ({ snapshot }) => {
      this.#snapshots.delete(snapshot);
      return {};
    },
    record: ({ connection, object, id }) => recordPage(object, id, this.#status(connection).objects.find((one) => one.object === object)?.filled ?? 1),
    record_link: ({ connection, object, id }) => {
      const status = this.#status(connection);
      const type = { contacts: "0-1", companies: "0-2", deals: "0-3" }[object] ?? "0-4";
      return { url: status.kind === "demo" ? null : `https://${status.ui_domain}/contacts/${status.portal}/record/${type}/${id}` };
    },
  };
}
