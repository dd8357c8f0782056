// The status of the connection that is looked at: asked for again whenever the core says it changed. One question is
// under way at a time, so a flood of events costs one more question, not many. What was known stays while asking.
import type { Backend } from "../../backend/backend";
import { toWireError } from "../../backend/errors";
import type { ConnectionStatus, CoreEvent, WireError } from "../../backend/generated/wire";

export class StatusState {
  status = $state.raw<ConnectionStatus | null>(null);
  error = $state.raw<WireError | null>(null);
  /** When the shown status came, in milliseconds. */
  asOf = $state(0);
  /** Refusal of the last button pressed. */
  refused = $state.raw<WireError | null>(null);
  busy = $state<"sync" | "pause" | "resume" | "verify" | "skip" | null>(null);
  #connection: string | null = null;
  #asking = false;
  #again = false;
  readonly #backend: Backend;
  readonly #now: () => number;

  constructor(backend: Backend, now: () => number = Date.now) {
    this.#backend = backend;
    this.#now = now;
  }

  /** Looks at another connection; null at none. */
  async follow(connection: string | null): Promise<void> {
    if (connection === this.#connection) return;
    this.#connection = connection;
    this.status = null;
    this.error = null;
    this.refused = null;
    await this.refresh();
  }

  async hear(event: CoreEvent): Promise<void> {
    if (event.event === "status_changed" && event.connection === this.#connection) await this.refresh();
    if (event.event === "connections_changed") await this.refresh();
  }

  async refresh(): Promise<void> {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    do {
      this.#again = false;
      const connection = this.#connection;
      if (connection === null) break;
      try {
        const status = await this.#backend.call("connection_status", { connection });
        if (connection === this.#connection) {
          this.status = status;
          this.asOf = this.#now();
          this.error = null;
        } else this.#again = true;
      } catch (caught) {
        if (connection === this.#connection) this.error = toWireError(caught);
        else this.#again = true;
      }
    } while (this.#again);
    this.#asking = false;
  }

  sync(full = false): Promise<void> {
    return this.#press("sync", () => this.#backend.call("start_sync", { connection: this.#connection ?? "", full }));
  }
  pause(): Promise<void> {
    return this.#press("pause", () => this.#backend.call("pause_sync", { connection: this.#connection ?? "" }));
  }
  pauseUntil(until: string): Promise<void> {
    return this.#press("pause", () => this.#backend.call("pause_until", { connection: this.#connection ?? "", until }));
  }
  verify(deep = false): Promise<void> {
    return this.#press("verify", () => this.#backend.call("start_verify", { connection: this.#connection ?? "", deep }));
  }
  /** Leaves a type of records out, or takes it up again. */
  skip(object: string, skip: boolean): Promise<void> {
    return this.#press("skip", () => this.#backend.call("skip_object", { connection: this.#connection ?? "", object, skip }));
  }
  resume(): Promise<void> {
    return this.#press("resume", () => this.#backend.call("resume_sync", { connection: this.#connection ?? "" }));
  }

  /** The key of the keyboard: whichever of the two makes sense. */
  toggle(): Promise<void> {
    return this.status?.paused ? this.resume() : this.pause();
  }

  /** Opens a page of HubSpot, or says why that did not work. */
  async open(url: string): Promise<void> {
    this.refused = null;
    try {
      await this.#backend.openExternal(url);
    } catch (caught) {
      this.refused = toWireError(caught);
    }
  }

  async #press(what: "sync" | "pause" | "resume" | "verify" | "skip", act: () => Promise<unknown>): Promise<void> {
    if (this.busy || this.#connection === null) return;
    this.busy = what;
    this.refused = null;
    try {
      await act();
    } catch (caught) {
      const error = toWireError(caught);
      // Asked to start what already runs: nothing to say, the window shows it running.
      if (error.code !== "busy" || what !== "sync") this.refused = error;
    }
    this.busy = null;
    await this.refresh();
  }
}
