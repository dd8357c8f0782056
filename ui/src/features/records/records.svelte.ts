// What the records page knows: object types with their counts, one ordered snapshot at a time, and for each object
// type where the person was. Lives as long as the window, so that coming back from a record finds the same row.
// Deliberately absent: DOM, and any count of its own. Numbers come from the core.
import type { Backend } from "../../backend/backend";
import { toWireError } from "../../backend/errors";
import type { Column, ConnectionStatus, CoreEvent, Row, Snapshot, Sort, WireError } from "../../backend/generated/wire";
import { Blocks } from "./blocks";
import { orderOf, rememberWidths, rememberedWidths, shown, withWidth, type Tab, type Widths } from "./columns";
import type { Place } from "./moves";

/** Events come up to ten times a second; counts are asked for once in this time, in ms. */
const REFRESH_MS = 1_000;

/** A snapshot that is gone is opened again so often in a row before that counts as a failure. */
const REOPEN_MAX = 2;

/** Where the person is in one object type. */
export class View {
  readonly object: string;
  sort = $state.raw<Sort | null>(null);
  find = $state("");
  at = $state.raw<Place>({ row: 0, column: 0 });
  /** Other end of a selection of rows. */
  anchor = $state<number | null>(null);
  /** Position of the rows, in px from the first one. */
  top = 0;
  /** Sideways, in px. */
  left = 0;
  widths = $state.raw<Widths>({});

  constructor(object: string) {
    this.object = object;
    this.widths = rememberedWidths(object);
  }

  setWidth(column: string, px: number): void {
    this.widths = withWidth(this.widths, column, px);
    rememberWidths(this.object, this.widths);
  }

  /** First and last row of the selection; none while only one cell is chosen. */
  get chosen(): { first: number; last: number } | null {
    if (this.anchor === null || this.at.row < 0) return null;
    return { first: Math.min(this.anchor, this.at.row), last: Math.max(this.anchor, this.at.row) };
  }
}

/** One snapshot and the rows of it that are here. */
export interface Open {
  view: View;
  tab: Tab;
  snapshot: Snapshot;
  blocks: Blocks;
}

export class RecordsState {
  readonly connection: string;
  tabs = $state.raw<Tab[] | null>(null);
  /** The object types themselves could not be read. */
  tabsFailed = $state.raw<WireError | null>(null);
  view = $state.raw<View | null>(null);
  open = $state.raw<Open | null>(null);
  opening = $state(false);
  /** What went wrong last; rows already here stay. */
  failed = $state.raw<WireError | null>(null);
  changed = $state(0);
  /** How long the last answer took: opening, then the last block. */
  ms = $state(0);
  /** Grows with every arrival, so that the grid draws again. */
  arrivals = $state(0);
  status = $state.raw<ConnectionStatus | null>(null);
  /** A quick look stands beside the grid. */
  peeking = $state(false);

  readonly #backend: Backend;
  readonly #views = new Map<string, View>();
  /** Record pages on which next or previous was pressed, and where that led. */
  readonly #stepped = new Map<string, string>();
  #epoch = 0;
  #reopened = 0;
  /** The rows on screen belong to an order that was asked for before the current one. */
  #stale = false;
  #refresh: ReturnType<typeof setTimeout> | undefined;
  #refreshed = 0;

  constructor(backend: Backend, connection: string) {
    this.#backend = backend;
    this.connection = connection;
  }

  readonly tab = $derived.by(() => this.tabs?.find((tab) => tab.object === this.view?.object) ?? null);

  get zone(): string | null {
    return this.status?.time_zone ?? null;
  }

  /** New or changed since the snapshot was opened. */
  readonly news = $derived.by(() => {
    if (!this.open) return { count: 0, arrived: false };
    const arrived = (this.tab?.count ?? 0) - this.open.snapshot.all;
    return { count: Math.max(this.changed, arrived), arrived: arrived > 0 };
  });

  /** The first import is still under way for the object shown. */
  readonly importing = $derived.by(() => {
    if (!this.status?.progress.first_import) return null;
    const stream = this.status.objects.find((one) => one.object === this.view?.object);
    return stream && stream.state !== "done" && stream.state !== "skipped" && stream.state !== "failed" ? stream : null;
  });

  /** Hears events until the returned function is called. */
  start(): () => void {
    const stop = this.#backend.listen((event) => this.#heard(event));
    void this.refresh();
    void this.#countChanged();
    return () => {
      stop();
      clearTimeout(this.#refresh);
      this.#refresh = undefined;
    };
  }

  /** Shows an object type, or the first one; the place in it is kept from before. */
  choose(object: string | null): void {
    const wanted = object ?? this.tabs?.find((tab) => tab.count > 0)?.object ?? this.tabs?.[0]?.object;
    if (!wanted || wanted === this.view?.object) return;
    let view = this.#views.get(wanted);
    if (!view) this.#views.set(wanted, (view = new View(wanted)));
    this.view = view;
    this.failed = null;
    this.#reopened = 0;
    this.#drop();
    void this.#openSnapshot(view);
  }

  /** First ascending, then descending, then the usual order again. */
  sortBy(by: Column): void {
    const { view, tab } = this;
    if (!view || !tab || !by.sortable) return;
    const column = orderOf(tab, by);
    if (view.sort?.column !== column) view.sort = { column, descending: false };
    else view.sort = view.sort.descending ? null : { column, descending: true };
    void this.#openSnapshot(view, true);
  }

  find(words: string): void {
    const { view } = this;
    if (!view || view.find === words) return;
    view.find = words;
    void this.#openSnapshot(view, true);
  }

  /** Takes what changed into the order, at the same place. */
  show(): void {
    if (this.view) void this.#openSnapshot(this.view);
  }

  retry(): void {
    this.failed = null;
    this.#reopened = 0;
    if (!this.tabs) void this.refresh();
    else if (this.open && this.open.view === this.view && !this.opening && !this.#stale) this.open.blocks.retry();
    else if (this.view) void this.#openSnapshot(this.view);
  }

  /** Counts and life cycle; the snapshot does not move. */
  async refresh(): Promise<void> {
    this.#refreshed = performance.now();
    const request = { connection: this.connection };
    const [objects, status] = await Promise.allSettled([
      this.#backend.call("objects", request),
      this.#backend.call("connection_status", request),
    ]);
    if (status.status === "fulfilled") this.status = status.value;
    if (objects.status === "rejected") {
      if (!this.tabs) this.tabsFailed = toWireError(objects.reason);
      return;
    }
    this.tabs = objects.value.objects.map(shown);
    this.tabsFailed = null;
    this.#fillEmpty();
  }

  /** The row at a position of the snapshot shown; none past its ends. */
  async rowAt(position: number): Promise<Row | null> {
    return (await this.open?.blocks.at(position)) ?? null;
  }

  /** Position of a record in the snapshot shown, if it is the current row. */
  positionOf(object: string, id: string): number | null {
    if (this.open?.view.object !== object) return null;
    const { row } = this.open.view.at;
    return this.open.blocks.row(row)?.id === id ? row : null;
  }

  /** Moves the current row from a record page; the id of the record there, none when it cannot be had. */
  async stepTo(object: string, page: string, position: number): Promise<string | null> {
    const { open } = this;
    const row = open?.view.object === object ? await open.blocks.at(position) : null;
    if (!open || !row || this.open !== open) return null;
    open.view.at = { row: position, column: open.view.at.column };
    open.view.anchor = null;
    this.#stepped.set(`${object}/${page}`, row.id);
    return row.id;
  }

  /** The record that a page opened for `id` shows by now. */
  steppedFrom(object: string, id: string): string {
    const led = this.#stepped.get(`${object}/${id}`);
    return led && this.positionOf(object, led) !== null ? led : id;
  }

  async #openSnapshot(view: View, fromTheTop = false): Promise<void> {
    const epoch = ++this.#epoch;
    this.opening = true;
    this.#stale = false;
    try {
      const snapshot = await this.#backend.call("open_snapshot", {
        connection: this.connection,
        object: view.object,
        sort: view.sort,
        find: view.find.trim() || null,
      });
      const tab = this.tabs?.find((one) => one.object === view.object);
      if (epoch !== this.#epoch || !tab) return this.#close(snapshot.snapshot);
      this.#drop();
      const row = fromTheTop ? 0 : Math.max(Math.min(view.at.row, snapshot.total - 1), 0);
      // The header keeps the current cell: sorting from there is often done twice.
      if (view.at.row >= 0) view.at = { row, column: view.at.column };
      if (fromTheTop) view.top = 0;
      view.anchor = null;
      this.open = { view, tab, snapshot, blocks: this.#blocksOf(snapshot, tab) };
      this.changed = 0;
      this.ms = snapshot.ms;
      this.failed = null;
      this.opening = false;
      this.#fillEmpty();
    } catch (caught) {
      if (epoch !== this.#epoch) return;
      this.opening = false;
      this.#stale = true;
      this.failed = toWireError(caught);
    }
  }

  #blocksOf({ snapshot, total }: Snapshot, tab: Tab): Blocks {
    const columns = tab.columns.map((column) => column.name);
    return new Blocks(total, {
      fetch: (start, count) => this.#backend.call("snapshot_rows", { snapshot, start, count, columns }),
      now: () => performance.now(),
      arrived: (rows, ms) => {
        this.changed = rows.changed;
        this.ms = Math.round(ms);
        this.#reopened = 0;
        this.arrivals++;
      },
      failed: (cause) => this.#lost(toWireError(cause)),
    });
  }

  #lost(error: WireError): void {
    if (!isOutdated(error) || !this.view || this.#reopened >= REOPEN_MAX) {
      this.failed = error;
      return;
    }
    this.#reopened++;
    const { view } = this;
    void this.refresh().then(() => {
      if (this.view === view) void this.#openSnapshot(view);
    });
  }

  #drop(): void {
    if (!this.open) return;
    this.open.blocks.close();
    void this.#close(this.open.snapshot.snapshot);
    this.open = null;
  }

  async #close(snapshot: string): Promise<void> {
    try {
      await this.#backend.call("close_snapshot", { snapshot });
    } catch {
      // It is gone already, which is all that was wanted.
    }
  }

  /** An empty snapshot has no rows to keep still: it is opened again as soon as there are some. */
  #fillEmpty(): void {
    const { open, tab } = this;
    if (!open || !tab || this.opening || open.view !== this.view) return;
    if (open.snapshot.total === 0 && open.view.find.trim() === "" && tab.count > open.snapshot.all) {
      void this.#openSnapshot(open.view);
    }
  }

  #heard(event: CoreEvent): void {
    if (event.event !== "status_changed" || event.connection !== this.connection || this.#refresh) return;
    const wait = Math.max(0, REFRESH_MS - (performance.now() - this.#refreshed));
    this.#refresh = setTimeout(() => {
      this.#refresh = undefined;
      void this.refresh();
      void this.#countChanged();
    }, wait);
  }

  /** No row is wanted, only how many changed. */
  async #countChanged(): Promise<void> {
    const { open } = this;
    if (!open) return;
    try {
      const { snapshot } = open.snapshot;
      const rows = await this.#backend.call("snapshot_rows", { snapshot, start: 0, count: 0, columns: [] });
      if (this.open === open) this.changed = rows.changed;
    } catch (caught) {
      const error = toWireError(caught);
      // Other troubles are said when rows are wanted, not for a number beside them.
      if (this.open === open && isOutdated(error)) this.#lost(error);
    }
  }
}

/** A snapshot was dropped after a long rest, or its columns are not those of before. */
const isOutdated = ({ code }: WireError): boolean => code === "snapshot_gone" || code === "no_such_property";

const known = new WeakMap<Backend, Map<string, RecordsState>>();

/** The one state of a connection's records, for the grid and for the record page opened from it. */
export function recordsOf(backend: Backend, connection: string): RecordsState {
  let states = known.get(backend);
  if (!states) known.set(backend, (states = new Map()));
  let state = states.get(connection);
  if (!state) states.set(connection, (state = new RecordsState(backend, connection)));
  return state;
}
