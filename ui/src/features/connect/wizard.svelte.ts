// Connecting, step by step. A key is let go as soon as the core has taken it as a draft; from then on only its hint is
// known here. Signing in with an app ends in a draft, too. Going back never loses what was typed or chosen.
import type { Backend } from "../../backend/backend";
import { toWireError } from "../../backend/errors";
import type { Checks, Code, ConnectionStatus, CoreEvent, KeyDraft, ScopeInfo, WireError } from "../../backend/generated/wire";
import type { Again, Way } from "./again";
import { OauthState } from "./oauth.svelte";

/** Refusals that a place for keys mends. */
const OF_THE_VAULT = new Set<Code>(["keychain_missing", "keychain_locked", "vault_passphrase", "vault_locked"]);

export type Step = "method" | "prepare" | "approve" | "check" | "choose" | "done";

/** Whoever says what the import of a draft will cost. */
export interface Planner {
  ask(draft: string, allHistory: boolean): Promise<void>;
  forget(): void;
}

export class Wizard {
  step = $state<Step>("method");
  kind = $state<Way>("service_key");
  /** What stands in the field; empty again once there is a draft. */
  text = $state("");
  apiBase = $state("");
  draft = $state.raw<KeyDraft | null>(null);
  /** Refusal of the pasted text. */
  mistake = $state.raw<WireError | null>(null);
  /** Refusal of anything later. */
  error = $state.raw<WireError | null>(null);
  checks = $state.raw<Checks | null>(null);
  name = $state("");
  allHistory = $state(false);
  busy = $state(false);
  /** Asking whether to throw the draft away. */
  leaving = $state(false);
  /** A key of another portal is to become a connection of its own. */
  anew = $state(false);
  /** Where keys are kept is chosen, or opened, before going on. */
  keeping = $state<"file" | "unlock" | null>(null);
  again = $state.raw<Again | null>(null);
  oauth: OauthState;
  /** Every permission there is a use for; empty until known. */
  scopes = $state.raw<ScopeInfo[]>([]);
  /** How the connection stands after its key was replaced. */
  after = $state.raw<ConnectionStatus | null>(null);
  #named = false;
  #warned = false;
  #asking = false;
  #askAgain = false;
  readonly #backend: Backend;
  readonly #planner: Planner | null;

  constructor(backend: Backend, again: Again | null = null, planner: Planner | null = null) {
    this.#backend = backend;
    this.again = again;
    this.#planner = planner;
    planner?.forget();
    this.oauth = $state.raw(new OauthState(backend, again?.connection ?? null));
    if (again) {
      this.kind = again.kind;
      this.name = again.name;
      // Setup that goes on still takes the name of its portal.
      this.#named = again.why !== "setup";
      this.allHistory = again.allHistory;
      this.step = "prepare";
    }
  }

  /** A known account gets its access back; nothing is to be chosen. */
  readonly renews = $derived(this.again !== null && this.again.why !== "setup");
  readonly steps = $derived<Step[]>(["method", "prepare", ...(this.kind === "oauth" ? (["approve"] as const) : []), "check", this.renews ? "done" : "choose"]);
  readonly at = $derived(this.steps.indexOf(this.step));
  readonly left = $derived((this.checks?.rows ?? []).filter((row) => row.outcome === "next" || row.outcome === "running").length);
  readonly toLook = $derived((this.checks?.rows ?? []).filter((row) => row.outcome === "look").length);
  readonly broken = $derived((this.checks?.rows ?? []).filter((row) => row.outcome === "broken").length);
  readonly gained = $derived(this.checks?.gained ?? []);

  /** A sign-in has ended well, and nothing else is asked for since. */
  get signedIn(): boolean {
    return this.draft !== null && this.oauth.attempt?.phase === "connected" && !this.oauth.unsaved;
  }

  /** Opens a page of HubSpot, or says why that did not work. */
  async open(url: string): Promise<void> {
    this.error = null;
    try {
      await this.#backend.openExternal(url);
    } catch (caught) {
      this.error = toWireError(caught);
    }
  }

  /** What the Prepare page needs to know. */
  async load(): Promise<void> {
    if (this.kind === "oauth") return this.oauth.load();
    if (this.scopes.length > 0) return;
    try {
      this.scopes = (await this.#backend.call("scopes", {})).scopes;
    } catch (caught) {
      this.error = toWireError(caught);
    }
  }

  pick(kind: Way): void {
    this.kind = kind;
    this.step = "prepare";
  }

  /** Gives this way up for another one: a new connection, from the start or at the named way. */
  async otherWay(kind: Way | null = null): Promise<void> {
    await this.oauth.cancel();
    await this.#discard();
    this.#forget();
    if (kind) this.kind = kind;
    this.step = kind ? "prepare" : "method";
  }

  /** What was given opens another portal: it makes a connection of its own. The core still has it, so it is not asked for
   * once more. */
  async asNew(): Promise<void> {
    const { clientId, sets, port, attempt } = this.oauth;
    const draft = this.draft?.draft ?? attempt?.draft;
    if (!draft || this.busy) return;
    this.busy = true;
    this.error = this.oauth.error = null;
    let begins = false;
    try {
      const taken = await this.#backend.call("use_as_new_connection", { draft });
      this.#forget();
      if (this.kind === "oauth") await this.oauth.load();
      Object.assign(this.oauth, { clientId, sets, port, attempt: attempt && { ...attempt, phase: "connected", error: null } });
      this.draft = taken;
      this.checks = null;
      this.anew = begins = true;
      this.step = "check";
    } catch (caught) {
      if (this.step === "approve") this.oauth.error = toWireError(caught);
      else this.error = toWireError(caught);
    }
    this.busy = false;
    if (begins) await this.run([]);
  }

  #forget(): void {
    this.again = null;
    this.anew = false;
    this.oauth = new OauthState(this.#backend, null);
    this.name = "";
    this.#named = false;
  }

  /** To a step that was done before. */
  goTo(step: Step): void {
    if (this.step === "approve") void this.oauth.cancel();
    this.step = step === "approve" ? "prepare" : step;
    this.error = null;
  }

  back(): void {
    const before = this.steps[this.at - 1];
    if (!before) return;
    this.goTo(before);
  }

  /** Hands the pasted text over. True once there is a draft. */
  async take(): Promise<boolean> {
    if (this.draft) return true;
    if (this.busy) return false;
    this.busy = true;
    this.mistake = null;
    try {
      this.draft = await this.#backend.call("begin_key", { text: this.text, api_base: this.apiBase.trim() || null, connection: this.renews ? (this.again?.connection ?? null) : null });
      this.text = "";
      this.checks = null;
      this.#warned = false;
    } catch (caught) {
      this.mistake = toWireError(caught);
    }
    this.busy = false;
    return this.draft !== null;
  }

  /** From Prepare to Check. A key that looks odd is said to look odd first; asking twice tests it anyway. */
  async check(): Promise<void> {
    const fresh = this.draft === null;
    if (!(await this.take()) || !this.draft) return;
    if (this.draft.warning && fresh && !this.#warned) {
      this.#warned = true;
      return;
    }
    this.step = "check";
    if (!this.checks) await this.run([]);
  }

  /** From Prepare to Approve; a sign-in that has ended well goes on with its checks, unless something else is asked for now. */
  approve(): void {
    this.oauth.error = null;
    this.step = this.signedIn ? "check" : "approve";
  }

  /** Starts signing in. A refused field leads back to it. */
  async signIn(): Promise<void> {
    await this.#discard();
    await this.oauth.begin(this.again?.name ?? "");
    if (this.oauth.mistake) this.step = "prepare";
    else await this.#follow();
  }

  async paste(address: string): Promise<void> {
    if (await this.oauth.paste(address)) await this.#follow();
  }

  async #follow(): Promise<void> {
    const { attempt } = this.oauth;
    if (attempt?.phase !== "connected" || attempt.draft === null || this.draft !== null || this.step !== "approve") return;
    this.draft = { draft: attempt.draft, hint: "", cleaned: [], warning: null };
    this.checks = null;
    this.step = "check";
    await this.run([]);
  }

  async run(only: string[]): Promise<void> {
    if (!this.draft) return;
    this.error = null;
    // What is permitted may be more now.
    this.#planner?.forget();
    try {
      this.#show(await this.#backend.call("start_checks", { draft: this.draft.draft, only }));
    } catch (caught) {
      this.error = toWireError(caught);
    }
  }

  async hear(event: CoreEvent): Promise<void> {
    if (event.event === "attempt_changed") {
      await this.oauth.hear(event);
      return this.#follow();
    }
    if (event.event !== "checks_changed" || event.draft !== this.draft?.draft) return;
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    this.#asking = true;
    do {
      this.#askAgain = false;
      try {
        this.#show(await this.#backend.call("checks", { draft: event.draft }));
      } catch (caught) {
        this.error = toWireError(caught);
      }
    } while (this.#askAgain);
    this.#asking = false;
  }

  #show(checks: Checks): void {
    if (checks.draft !== this.draft?.draft) return;
    this.checks = checks;
    // A suggestion stays one until the person writes a name of their own.
    if (!this.#named && checks.suggested_name) this.name = checks.suggested_name;
    // Counting takes a while: it begins while the checks are read.
    if (checks.can_finish && !checks.running && !this.renews) void this.plan();
  }

  /** What the import will cost in the chosen window. Nothing waits for it. */
  async plan(): Promise<void> {
    if (this.draft) await this.#planner?.ask(this.draft.draft, this.allHistory);
  }

  /** Keys have a place now: what needed one is tried again. */
  async kept(): Promise<void> {
    this.keeping = null;
    this.error = null;
    this.oauth.error = null;
    if (this.step === "approve" && this.oauth.attempt?.draft) await this.asNew();
    else if (this.step === "check") await this.run(this.checks?.rows.filter((row) => row.error !== null && OF_THE_VAULT.has(row.error.code)).map((row) => row.id) ?? []);
    else if (this.step === "approve") await this.signIn();
  }

  rename(name: string): void {
    this.name = name;
    this.#named = true;
  }

  /** Forgets the draft and starts with an empty field. */
  async another(): Promise<void> {
    await this.#discard();
    await this.oauth.cancel();
    this.step = "prepare";
  }

  /** Asked to close. True when nothing would be lost. */
  leave(): boolean {
    if (this.step === "done" || (this.draft === null && this.text === "" && !this.oauth.unsaved)) return true;
    this.leaving = true;
    return false;
  }

  async discard(): Promise<void> {
    this.text = "";
    this.oauth.secret = "";
    await this.oauth.cancel();
    await this.#discard();
  }

  async #discard(): Promise<void> {
    const draft = this.draft;
    this.draft = null;
    this.checks = null;
    this.mistake = null;
    this.error = null;
    if (!draft) return;
    try {
      await this.#backend.call("discard_draft", { draft: draft.draft });
    } catch {
      // The core forgets drafts by itself when the app ends.
    }
  }

  /** Makes the connection, or gives it its new access. Resolves to its id. */
  async finish(): Promise<string | null> {
    if (!this.draft || this.busy) return null;
    this.busy = true;
    this.error = null;
    let connection: string | null = null;
    try {
      connection = (await this.#backend.call("finish_connect", { draft: this.draft.draft, name: this.name.trim(), kind: this.kind, all_history: this.allHistory })).connection;
      this.draft = null;
    } catch (caught) {
      this.error = toWireError(caught);
    }
    this.busy = false;
    return connection;
  }

  /** Finishes, then tells what changed. */
  async renew(): Promise<string | null> {
    const connection = await this.finish();
    if (connection === null) return null;
    try {
      this.after = await this.#backend.call("connection_status", { connection });
    } catch {
      // The access is renewed; that the comparison is missing needs no word.
    }
    this.step = "done";
    return connection;
  }
}
