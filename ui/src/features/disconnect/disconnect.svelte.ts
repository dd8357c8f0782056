// Ending a connection: what it will do, the choice about the records, what it did.
import type { Backend } from "../../backend/backend";
import { toWireError } from "../../backend/errors";
import type { DisconnectPlan, WireError } from "../../backend/generated/wire";

export class DisconnectState {
  plan = $state.raw<DisconnectPlan | null>(null);
  wipe = $state(false);
  busy = $state(false);
  error = $state.raw<WireError | null>(null);
  /** What happened, in order; null until it has. */
  outcomes = $state.raw<string[] | null>(null);
  readonly #backend: Backend;
  readonly connection: string;

  constructor(backend: Backend, connection: string) {
    this.#backend = backend;
    this.connection = connection;
  }

  async load(): Promise<void> {
    try {
      this.error = null;
      this.plan = await this.#backend.call("disconnect_plan", { connection: this.connection });
    } catch (caught) {
      this.error = toWireError(caught);
    }
  }

  async confirm(): Promise<void> {
    this.busy = true;
    this.error = null;
    try {
      this.outcomes = (await this.#backend.call("disconnect", { connection: this.connection, wipe: this.wipe })).outcomes;
    } catch (caught) {
      this.error = toWireError(caught);
    }
    this.busy = false;
  }
}
