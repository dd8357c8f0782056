// The connections there are, and the one being looked at. Which one is remembered by this window; all else is asked for.
import type { Backend } from "../../backend/backend";
import { toWireError } from "../../backend/errors";
import type { AppInfo, ConnectionStatus, ConnectionSummary, WireError } from "../../backend/generated/wire";

const REMEMBERED = "portside.connection";

export class Session {
  connections = $state.raw<ConnectionSummary[]>([]);
  info = $state.raw<AppInfo | null>(null);
  error = $state.raw<WireError | null>(null);
  /** The first answer has come. */
  loaded = $state(false);
  #chosen = $state<string | null>(localStorage.getItem(REMEMBERED));
  #asking: Promise<void> | null = null;
  #again = false;
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  readonly current = $derived.by(() => this.connections.find((one) => one.id === this.#chosen) ?? this.connections[0] ?? null);

  /** Asks again; call when connections changed. One question is under way at a time. */
  refresh(): Promise<void> {
    this.#again = this.#asking !== null;
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** What the status of a connection says is newer than the list. */
  note({ connection, name, state, sentence }: ConnectionStatus): void {
    const known = this.connections.find((one) => one.id === connection);
    if (!known || (known.state === state && known.sentence === sentence && known.name === name)) return;
    this.connections = this.connections.map((one) => (one === known ? { ...one, name, state, sentence } : one));
  }

  async #ask(): Promise<void> {
    try {
      const [{ connections }, info] = await Promise.all([
        this.#backend.call("connections", {}),
        this.#backend.call("app_info", {}),
      ]);
      this.connections = connections;
      this.info = info;
      this.error = null;
    } catch (caught) {
      this.error = toWireError(caught);
    }
    this.loaded = true;
    if (!this.#again) return;
    this.#again = false;
    await this.#ask();
  }

  choose(id: string): void {
    this.#chosen = id;
    localStorage.setItem(REMEMBERED, id);
  }

  /** Resolves to the refusal, if the name was refused. */
  async rename(connection: string, name: string): Promise<WireError | null> {
    try {
      await this.#backend.call("rename_connection", { connection, name });
      await this.refresh();
      return null;
    } catch (caught) {
      return toWireError(caught);
    }
  }
}
