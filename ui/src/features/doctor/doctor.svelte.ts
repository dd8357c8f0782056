// Doctor's rows and the last requests. Rows are asked for again whenever the core says they changed.
import type { Backend } from "../../backend/backend";
import { toWireError } from "../../backend/errors";
import type { CoreEvent, Doctor, DoctorRow, RequestLog, RequestRow, WireError } from "../../backend/generated/wire";

export interface RowGroup {
  /** Name of the connection; null for this computer. */
  name: string | null;
  rows: DoctorRow[];
}

/** What a failed request is counted under. */
export const kindOf = (row: RequestRow): string => [row.status, row.reason].filter((one) => one !== null).join(" ");

export class DoctorState {
  doctor = $state.raw<Doctor | null>(null);
  error = $state.raw<WireError | null>(null);
  log = $state.raw<RequestLog | null>(null);
  logError = $state.raw<WireError | null>(null);
  failedOnly = $state(true);
  everywhere = $state(true);
  /** Only failures of this kind. */
  kind = $state<string | null>(null);
  #asking = false;
  #again = false;
  #reading = 0;
  readonly #backend: Backend;
  readonly #connection: string | null;

  constructor(backend: Backend, connection: string | null) {
    this.#backend = backend;
    this.#connection = connection;
  }

  readonly running = $derived(this.doctor?.running ?? false);
  readonly left = $derived((this.doctor?.rows ?? []).filter((row) => row.outcome === "next" || row.outcome === "running").length);
  readonly groups = $derived.by<RowGroup[]>(() => {
    const groups: RowGroup[] = [];
    for (const row of this.doctor?.rows ?? []) {
      const known = groups.find((group) => group.name === row.connection);
      if (known) known.rows.push(row);
      else groups.push({ name: row.connection, rows: [row] });
    }
    return groups;
  });
  readonly requests = $derived((this.log?.rows ?? []).filter((row) => this.kind === null || kindOf(row) === this.kind));

  /** What is known; the first look of all runs every check. */
  async open(): Promise<void> {
    await Promise.all([this.refresh(), this.read()]);
    if (this.doctor && this.doctor.ran_at === null && !this.doctor.running) await this.run([]);
  }

  async run(only: string[]): Promise<void> {
    this.error = null;
    try {
      this.doctor = await this.#backend.call("run_doctor", { only });
    } catch (caught) {
      this.error = toWireError(caught);
    }
  }

  async hear(event: CoreEvent): Promise<void> {
    if (event.event !== "doctor_changed") return;
    const ran = this.running;
    await this.refresh();
    // The checks asked HubSpot something, too.
    if (ran && !this.running) await this.read();
  }

  async refresh(): Promise<void> {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    do {
      this.#again = false;
      try {
        this.doctor = await this.#backend.call("doctor", {});
        this.error = null;
      } catch (caught) {
        this.error = toWireError(caught);
      }
    } while (this.#again);
    this.#asking = false;
  }

  /** Reads the request log. Of several readings under way only the last one counts. */
  async read(): Promise<void> {
    const reading = ++this.#reading;
    try {
      const log = await this.#backend.call("request_log", { connection: this.everywhere ? null : this.#connection, failed: this.failedOnly });
      if (reading !== this.#reading) return;
      this.log = log;
      this.logError = null;
      if (this.kind !== null && !log.groups.some((group) => group.kind === this.kind)) this.kind = null;
    } catch (caught) {
      if (reading === this.#reading) this.logError = toWireError(caught);
    }
  }

  show(what: { failedOnly?: boolean; everywhere?: boolean; kind?: string | null }): Promise<void> {
    if (what.failedOnly !== undefined) {
      this.failedOnly = what.failedOnly;
      this.kind = null;
    }
    if (what.everywhere !== undefined) this.everywhere = what.everywhere;
    if (what.kind !== undefined) {
      this.kind = what.kind;
      this.failedOnly = true;
    }
    return this.read();
  }
}
