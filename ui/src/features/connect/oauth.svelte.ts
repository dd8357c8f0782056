// Signing in with the person's own HubSpot app: what has to be agreed with HubSpot, then one attempt and how it goes.
// The secret leaves this window with the attempt and is not kept here.
import type { Backend } from "../../backend/backend";
import { toWireError } from "../../backend/errors";
import type { AppKit, AppKitFound, CoreEvent, OauthAttempt, OauthSetup, ScopeInfo, ScopeSets, WireError } from "../../backend/generated/wire";
import { added, ALWAYS, toggled, type Group } from "./sets";

/** Refusals that are about a field of the Prepare page. */
const OF_A_FIELD = { client_id_wrong: "id", client_secret_wrong: "secret", secret_is_key: "secret" } as const;

export class OauthState {
  setup = $state.raw<OauthSetup | null>(null);
  known = $state.raw<ScopeInfo[]>([]);
  clientId = $state("");
  secret = $state("");
  /** A client secret is kept with the connection; the field may stay empty. */
  kept = $state(false);
  sets = $state.raw<ScopeSets>({ required: [ALWAYS], conditional: [], optional: [] });
  /** Names typed or read from a project, listed also while no box is ticked. */
  seen = $state.raw<string[]>([]);
  port = $state("");
  attempt = $state.raw<OauthAttempt | null>(null);
  /** When the shown attempt was told, in milliseconds. */
  toldAt = $state(0);
  /** Refusal of a field. */
  mistake = $state.raw<{ field: "id" | "secret"; error: WireError } | null>(null);
  error = $state.raw<WireError | null>(null);
  busy = $state<"begin" | "open" | "paste" | "write" | "read" | null>(null);
  kit = $state.raw<AppKit | null>(null);
  found = $state.raw<AppKitFound | null>(null);
  kitError = $state.raw<WireError | null>(null);
  pasteError = $state.raw<WireError | null>(null);
  #connection: string | null;
  #asking = false;
  #again = false;
  #touched = $state(false);
  readonly #backend: Backend;

  constructor(backend: Backend, connection: string | null) {
    this.#backend = backend;
    this.#connection = connection;
  }

  readonly ready = $derived(this.setup !== null && this.clientId.trim() !== "" && (this.secret.trim() !== "" || this.kept));
  readonly waiting = $derived(this.attempt?.phase === "waiting" || this.attempt?.phase === "exchanging");
  /** The port that was typed; null for the usual three. */
  readonly ownPort = $derived.by(() => {
    const port = Number(this.port.trim());
    return this.port.trim() !== "" && Number.isInteger(port) && port > 1023 && port < 65_536 ? port : null;
  });
  readonly portWrong = $derived(this.port.trim() !== "" && this.ownPort === null);
  /** Something was typed or ticked that no attempt has taken yet. */
  get unsaved(): boolean {
    return this.secret !== "" || this.#touched;
  }

  async load(): Promise<void> {
    if (this.setup) return;
    this.error = null;
    try {
      const [setup, { scopes }] = await Promise.all([this.#backend.call("oauth_setup", { connection: this.#connection }), this.#backend.call("scopes", {})]);
      this.setup = setup;
      this.known = scopes;
      this.clientId = setup.client_id;
      this.kept = setup.has_secret;
      this.sets = setup.scopes;
      this.port = setup.port?.toString() ?? "";
    } catch (caught) {
      this.error = toWireError(caught);
    }
  }

  touch(): void {
    this.#touched = true;
    this.mistake = null;
  }
  toggle(scope: string, group: Group): void {
    this.#remember([scope]);
    this.sets = toggled(this.sets, scope, group);
    this.touch();
  }
  add(typed: string): void {
    this.sets = added(this.sets, typed);
    this.#remember([...this.sets.required, ...this.sets.conditional, ...this.sets.optional]);
    this.touch();
  }
  #remember(scopes: string[]): void {
    this.seen = [...new Set([...this.seen, ...scopes])];
  }

  /** Asks the core to listen, then opens the browser. */
  async begin(name: string): Promise<void> {
    if (this.busy) return;
    this.busy = "begin";
    this.error = null;
    this.pasteError = null;
    try {
      this.#tell(
        await this.#backend.call("begin_oauth", {
          connection: this.#connection,
          name,
          client_id: this.clientId.trim(),
          client_secret: this.secret,
          scopes: this.sets,
          port: this.ownPort,
          api_base: null,
          app_base: null,
        }),
      );
      this.#connection = this.attempt?.connection ?? this.#connection;
      this.secret = "";
      this.kept = true;
      this.#touched = false;
    } catch (caught) {
      const error = toWireError(caught);
      const field = OF_A_FIELD[error.code as keyof typeof OF_A_FIELD];
      if (field) this.mistake = { field, error };
      else this.error = error;
    }
    this.busy = null;
    if (this.waiting) await this.open();
  }

  async open(): Promise<void> {
    const attempt = this.attempt;
    if (!attempt || this.busy) return;
    this.busy = "open";
    this.error = null;
    try {
      await this.#backend.openAuthorize(attempt.attempt);
    } catch (caught) {
      this.error = toWireError(caught);
    }
    this.busy = null;
  }

  /** True when the pasted address was taken. */
  async paste(address: string): Promise<boolean> {
    if (!this.attempt || this.busy) return false;
    this.busy = "paste";
    this.pasteError = null;
    try {
      this.#tell(await this.#backend.call("paste_callback", { attempt: this.attempt.attempt, address }));
    } catch (caught) {
      this.pasteError = toWireError(caught);
    }
    this.busy = null;
    return this.pasteError === null;
  }

  /** Stops listening. What was typed stays with the connection. */
  async cancel(): Promise<void> {
    const attempt = this.attempt;
    const waited = this.waiting;
    this.attempt = null;
    this.error = null;
    this.pasteError = null;
    try {
      if (attempt && waited) await this.#backend.call("cancel_oauth", { attempt: attempt.attempt });
      // Another portal was approved, and is not wanted.
      else if (attempt?.phase === "failed" && attempt.draft) await this.#backend.call("discard_draft", { draft: attempt.draft });
    } catch {
      // Either ends by itself in a while.
    }
  }

  async hear(event: CoreEvent): Promise<void> {
    if (event.event !== "attempt_changed" || event.attempt !== this.attempt?.attempt) return;
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    do {
      this.#again = false;
      try {
        this.#tell(await this.#backend.call("oauth_attempt", { attempt: event.attempt }), event.attempt);
      } catch (caught) {
        if (this.attempt?.attempt === event.attempt) this.error = toWireError(caught);
      }
    } while (this.#again);
    this.#asking = false;
  }

  /** An answer about an attempt that was left meanwhile says nothing here. */
  #tell(attempt: OauthAttempt, expected: string | null = null): void {
    if (expected !== null && this.attempt?.attempt !== expected) return;
    this.attempt = attempt;
    this.toldAt = Date.now();
  }

  async writeKit(folder: string, appName: string): Promise<void> {
    await this.#project("write", async () => {
      this.kit = await this.#backend.call("write_app_kit", { folder: folder.trim(), app_name: appName.trim(), scopes: this.sets, port: this.ownPort });
    });
  }

  /** Takes the permissions over from a project on this computer. */
  async readKit(folder: string): Promise<void> {
    await this.#project("read", async () => {
      this.found = await this.#backend.call("read_app_kit", { folder: folder.trim() });
      this.#remember([...this.sets.required, ...this.sets.conditional, ...this.sets.optional]);
      this.sets = this.found.scopes;
      this.touch();
    });
  }

  async #project(what: "write" | "read", act: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = what;
    this.kitError = null;
    this.kit = null;
    this.found = null;
    try {
      await act();
    } catch (caught) {
      this.kitError = toWireError(caught);
    }
    this.busy = null;
  }
}
