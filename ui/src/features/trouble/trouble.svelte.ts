// What the pretend portal of the demo is told to do wrong.
import type { Backend } from "../../backend/backend";
import { toWireError } from "../../backend/errors";
import type { Trouble, WireError } from "../../backend/generated/wire";

export class TroubleState {
  troubles = $state.raw<Trouble[] | null>(null);
  error = $state.raw<WireError | null>(null);
  readonly on = $derived((this.troubles ?? []).filter((one) => one.on).length);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  load(): Promise<void> {
    return this.#ask(() => this.#backend.call("troubles", {}));
  }
  make(id: string, on: boolean): Promise<void> {
    return this.#ask(() => this.#backend.call("make_trouble", { id, on }));
  }

  /** A run of the demo portal, which meets what is switched on. */
  async sync(connection: string): Promise<void> {
    this.error = null;
    try {
      await this.#backend.call("start_sync", { connection, full: false });
    } catch (caught) {
      this.error = toWireError(caught);
    }
  }

  async #ask(act: () => Promise<{ troubles: Trouble[] }>): Promise<void> {
    this.error = null;
    try {
      this.troubles = (await act()).troubles;
    } catch (caught) {
      this.error = toWireError(caught);
    }
  }
}
