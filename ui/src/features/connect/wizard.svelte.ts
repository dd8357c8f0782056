// Connecting with a key, step by step. The key itself is let go as soon as the core has taken it as a draft; from then
// on only its hint is known here. Going back never loses what was typed or chosen.
import type { Backend } from "../../backend/backend";
import { toWireError } from "../../backend/errors";
import type { Checks, ConnectionKind, CoreEvent, KeyDraft, WireError } from "../../backend/generated/wire";

export type Step = "method" | "prepare" | "check" | "choose";
export const STEPS: readonly Step[] = ["method", "prepare", "check", "choose"];
export type KeyKind = Exclude<ConnectionKind, "demo" | "oauth">;

/** A connection whose key is replaced: account and way of signing in stay. */
export interface Again {
  name: string;
  kind: KeyKind;
}

export class Wizard {
  step = $state<Step>("method");
  kind = $state<KeyKind>("service_key");
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
  readonly again: Again | null;
  #named = false;
  #warned = false;
  #asking = false;
  #askAgain = false;
  readonly #backend: Backend;

  constructor(backend: Backend, again: Again | null = null) {
    this.#backend = backend;
    this.again = again;
    if (again) {
      this.kind = again.kind;
      this.name = again.name;
      this.#named = true;
      this.step = "prepare";
    }
  }

  readonly at = $derived(STEPS.indexOf(this.step));
  readonly left = $derived((this.checks?.rows ?? []).filter((row) => row.outcome === "next" || row.outcome === "running").length);
  readonly toLook = $derived((this.checks?.rows ?? []).filter((row) => row.outcome === "look").length);
  readonly broken = $derived((this.checks?.rows ?? []).filter((row) => row.outcome === "broken").length);

  /** Opens a page of HubSpot, or says why that did not work. */
  async open(url: string): Promise<void> {
    this.error = null;
    try {
      await this.#backend.openExternal(url);
    } catch (caught) {
      this.error = toWireError(caught);
    }
  }

  pick(kind: KeyKind): void {
    this.kind = kind;
    this.step = "prepare";
  }

  back(): void {
    const before = STEPS[this.at - 1];
    if (!before) return;
    this.step = before;
    this.error = null;
  }

  /** Hands the pasted text over. True once there is a draft. */
  async take(): Promise<boolean> {
    if (this.draft) return true;
    if (this.busy) return false;
    this.busy = true;
    this.mistake = null;
    try {
      this.draft = await this.#backend.call("begin_key", { text: this.text, api_base: this.apiBase.trim() || null, connection: null });
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

  async run(only: string[]): Promise<void> {
    if (!this.draft) return;
    this.error = null;
    try {
      this.#show(await this.#backend.call("start_checks", { draft: this.draft.draft, only }));
    } catch (caught) {
      this.error = toWireError(caught);
    }
  }

  async hear(event: CoreEvent): Promise<void> {
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
  }

  rename(name: string): void {
    this.name = name;
    this.#named = true;
  }

  /** Forgets the draft and starts with an empty field. */
  async another(): Promise<void> {
    await this.#discard();
    this.step = "prepare";
  }

  /** Asked to close. True when nothing would be lost. */
  leave(): boolean {
    if (this.draft === null && this.text === "") return true;
    this.leaving = true;
    return false;
  }

  async discard(): Promise<void> {
    this.text = "";
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

  /** Makes the connection and starts its import. Resolves to its id. */
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
}
