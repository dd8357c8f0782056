// The support bundle: what would be in it, then saved exactly as it was shown.
import type { Backend } from "../../backend/backend";
import { toWireError } from "../../backend/errors";
import type { Bundle, WireError } from "../../backend/generated/wire";

export class BundleState {
  bundle = $state.raw<Bundle | null>(null);
  at = $state(0);
  path = $state("");
  saved = $state<string | null>(null);
  busy = $state(false);
  error = $state.raw<WireError | null>(null);
  readonly file = $derived(this.bundle?.files[this.at] ?? null);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async load(): Promise<void> {
    this.error = null;
    try {
      this.bundle = await this.#backend.call("bundle", {});
    } catch (caught) {
      this.error = toWireError(caught);
    }
  }

  async save(): Promise<void> {
    if (!this.bundle || this.busy) return;
    this.busy = true;
    this.error = null;
    try {
      this.saved = (await this.#backend.call("save_bundle", { id: this.bundle.id, path: this.path.trim() })).path;
    } catch (caught) {
      this.error = toWireError(caught);
    }
    this.busy = false;
  }
}
