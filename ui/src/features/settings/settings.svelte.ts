// The settings of one connection. Each change applies at once, and the last one can be taken back.
import type { Backend } from "../../backend/backend";
import { toWireError } from "../../backend/errors";
import type { Setting, WireError } from "../../backend/generated/wire";

/** Where each setting stands; what is not named here is about derived things. */
const CHECKS = new Set(["cadence_minutes", "quiet_hours", "speed", "daily_budget_share"]);
const COPY = new Set(["hubspot_backfill_since", "history_max", "new_property_policy", "skipped_objects"]);
export type Group = "checks" | "copy" | "derived";
export const groupOf = (key: string): Group => (CHECKS.has(key) ? "checks" : COPY.has(key) ? "copy" : "derived");
export const GROUPS: readonly Group[] = ["checks", "copy", "derived"];

export class SettingsState {
  settings = $state.raw<Setting[] | null>(null);
  filters = $state.raw<string[]>([]);
  error = $state.raw<WireError | null>(null);
  /** What was refused, and why. */
  refused = $state.raw<{ key: string; error: WireError } | null>(null);
  /** The last change, with what stood there before; null went back to the default. */
  last = $state.raw<{ key: string; before: string | null } | null>(null);
  busy = $state<string | null>(null);
  readonly #backend: Backend;
  readonly #connection: string;

  constructor(backend: Backend, connection: string) {
    this.#backend = backend;
    this.#connection = connection;
  }

  of(group: Group): Setting[] {
    return (this.settings ?? []).filter((one) => groupOf(one.key) === group);
  }

  async load(): Promise<void> {
    this.error = null;
    try {
      this.#show(await this.#backend.call("settings", { connection: this.#connection }));
    } catch (caught) {
      this.error = toWireError(caught);
    }
  }

  /** True once it is so. */
  async change(key: string, value: string | null): Promise<boolean> {
    const known = this.settings?.find((one) => one.key === key);
    if (!known || this.busy) return false;
    this.refused = null;
    if (value === known.value) return true;
    this.busy = key;
    let done = false;
    try {
      const before = known.changed ? known.value : null;
      this.#show(await this.#backend.call("change_setting", { connection: this.#connection, key, value }));
      this.last = { key, before };
      done = true;
    } catch (caught) {
      this.refused = { key, error: toWireError(caught) };
    }
    this.busy = null;
    return done;
  }

  async undo(): Promise<void> {
    const { last } = this;
    if (last && (await this.change(last.key, last.before))) this.last = null;
  }

  #show({ settings, filters }: { settings: Setting[]; filters: string[] }): void {
    this.settings = settings;
    this.filters = filters;
  }
}
