import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeBackend } from "../../backend/fake";
import type { Column, ConnectionStatus, WireError } from "../../backend/generated/wire";
import { RecordsState, recordsOf } from "./records.svelte";

const refusal = (code: WireError["code"]): WireError => ({ code, title: code, text: "", fix: [], actions: ["try_again"], technical: "" });
const settle = (): Promise<void> => new Promise((ready) => setTimeout(ready, 0));

/** A portal small enough to open in no time; contacts and companies have rows, deals have none. */
function portal(): FakeBackend {
  const backend = new FakeBackend("active");
  const status = backend.statuses[0] as ConnectionStatus;
  for (const one of status.objects) one.filled = { contacts: 1_000, companies: 300 }[one.object] ?? 0;
  return backend;
}
const calls = (backend: FakeBackend, name: string): Record<string, unknown>[] =>
  backend.calls.filter((call) => call.name === name).map((call) => call.request as Record<string, unknown>);

const title = (): Column => records.tab?.columns[0] as Column;

let backend: FakeBackend;
let records: RecordsState;
let stop: () => void;
beforeEach(async () => {
  localStorage.clear();
  backend = portal();
  records = new RecordsState(backend, "norrsken");
  stop = records.start();
  await settle();
  records.choose(null);
  await settle();
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

describe("the life of a snapshot", () => {
  it("opens on the first object type that has records", () => {
    expect(records.view?.object).toBe("contacts");
    expect(records.open?.snapshot).toMatchObject({ total: 1_000, all: 1_000 });
  });

  it("another object type opens its own and closes the one before", async () => {
    const first = records.open?.snapshot.snapshot;
    records.choose("companies");
    await settle();
    expect(records.open?.snapshot.total).toBe(300);
    expect(calls(backend, "close_snapshot")).toEqual([{ snapshot: first }]);
  });

  it("each object type remembers its sort, its words and its row", async () => {
    records.sortBy(title());
    await settle();
    records.find("ka");
    await settle();
    const view = records.view;
    if (view) view.at = { row: 3, column: 2 };
    records.choose("companies");
    await settle();
    expect(records.view).toMatchObject({ sort: null, find: "" });
    records.choose("contacts");
    await settle();
    expect(records.view).toMatchObject({ sort: { column: "title", descending: false }, find: "ka", at: { row: 3, column: 2 } });
    expect(calls(backend, "open_snapshot").at(-1)).toMatchObject({ object: "contacts", find: "ka", sort: { column: "title", descending: false } });
  });

  it("a header sorts upwards, then downwards, then not at all", async () => {
    const seen: unknown[] = [];
    for (let press = 0; press < 3; press++) {
      records.sortBy(title());
      await settle();
      seen.push(calls(backend, "open_snapshot").at(-1)?.["sort"]);
    }
    expect(seen).toEqual([{ column: "title", descending: false }, { column: "title", descending: true }, null]);
  });

  it("an answer to a question no longer asked is closed and not shown", async () => {
    const before = records.open?.snapshot.snapshot;
    records.find("a");
    records.find("an");
    records.find("ann");
    await settle();
    expect(calls(backend, "open_snapshot")).toHaveLength(4);
    expect(calls(backend, "close_snapshot")).toHaveLength(3);
    expect(records.open?.snapshot.snapshot).not.toBe(before);
    expect(records.open?.view.find).toBe("ann");
  });

  it("one that is gone is opened again at the same place", async () => {
    const view = records.view;
    if (view) [view.at, view.top] = [{ row: 640, column: 1 }, 17_000];
    await backend.call("close_snapshot", { snapshot: records.open?.snapshot.snapshot ?? "" });
    records.open?.blocks.want(600, 640, 1);
    await settle();
    records.open?.blocks.want(600, 640, 1);
    await settle();
    expect(records.failed).toBeNull();
    expect(records.view).toMatchObject({ at: { row: 640, column: 1 }, top: 17_000 });
    expect(records.open?.blocks.row(640)).not.toBeNull();
  });

  it("one that was dropped while nothing was shown is opened again on coming back", async () => {
    stop();
    await backend.call("close_snapshot", { snapshot: records.open?.snapshot.snapshot ?? "" });
    const before = records.open;
    stop = records.start();
    await settle();
    await settle();
    expect(records.open).not.toBe(before);
    expect(records.failed).toBeNull();
  });

  it("one that is gone again and again is a failure and not a loop", async () => {
    backend.fail("snapshot_rows", refusal("snapshot_gone"));
    for (let times = 0; times < 6; times++) {
      records.open?.blocks.want(0, 30, 1);
      await settle();
    }
    expect(records.failed?.code).toBe("snapshot_gone");
    expect(calls(backend, "open_snapshot").length).toBeLessThanOrEqual(4);
    backend.fail("snapshot_rows", null);
    records.retry();
    records.open?.blocks.want(0, 30, 1);
    await settle();
    expect(records.failed).toBeNull();
    expect(records.open?.blocks.row(0)).not.toBeNull();
  });

  it("when a new order cannot be had, the rows of the old one stay and it can be tried again", async () => {
    const before = records.open;
    backend.fail("open_snapshot", refusal("internal"));
    records.sortBy(title());
    await settle();
    expect(records.failed?.code).toBe("internal");
    expect(records.open).toBe(before);
    backend.fail("open_snapshot", null);
    records.retry();
    await settle();
    expect(records.failed).toBeNull();
    expect(records.open).not.toBe(before);
  });
});

describe("while a sync runs", () => {
  const grow = (object: string, to: number): void => {
    for (const one of (backend.statuses[0] as ConnectionStatus).objects) if (one.object === object) one.filled = to;
  };

  it("counts follow at most once a second and the snapshot does not move", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const before = records.open;
    const asked = calls(backend, "objects").length;
    grow("contacts", 1_250);
    for (let times = 0; times < 20; times++) backend.emit({ event: "status_changed", connection: "norrsken" });
    await vi.advanceTimersByTimeAsync(1_100);
    expect(calls(backend, "objects").length).toBe(asked + 1);
    expect(records.tab?.count).toBe(1_250);
    expect(records.open).toBe(before);
    expect(records.news).toEqual({ count: 250, arrived: true });
  });

  it("events of other connections change nothing", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const asked = backend.calls.length;
    backend.emit({ event: "status_changed", connection: "another" });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(backend.calls.length).toBe(asked);
  });

  it("Show takes the new records into the order", async () => {
    grow("contacts", 1_250);
    await records.refresh();
    records.show();
    await settle();
    expect(records.open?.snapshot.total).toBe(1_250);
    expect(records.news.arrived).toBe(false);
  });

  it("an empty object type fills by itself as soon as there are rows", async () => {
    records.choose("deals");
    await settle();
    expect(records.open?.snapshot.total).toBe(0);
    grow("deals", 70);
    await records.refresh();
    await settle();
    expect(records.open?.snapshot.total).toBe(70);
  });
});

describe("from a record page", () => {
  it("next and previous follow the snapshot, and the page remembers where they led", async () => {
    const first = (await records.rowAt(0))?.id ?? "";
    expect(records.positionOf("contacts", first)).toBe(0);
    const second = await records.stepTo("contacts", first, 1);
    expect(second).toBe((await records.rowAt(1))?.id);
    expect(records.view?.at.row).toBe(1);
    expect(records.steppedFrom("contacts", first)).toBe(second);
    expect(await records.stepTo("contacts", first, 1_000)).toBeNull();
    expect(records.steppedFrom("companies", first)).toBe(first);
  });
});

it("grid and record page of a connection share one state", () => {
  expect(recordsOf(backend, "norrsken")).toBe(recordsOf(backend, "norrsken"));
  expect(recordsOf(backend, "other")).not.toBe(recordsOf(backend, "norrsken"));
});

it("when the object types cannot be read, that is said and can be tried again", async () => {
  const broken = portal();
  broken.fail("objects", refusal("database_damaged"));
  const other = new RecordsState(broken, "norrsken");
  await other.refresh();
  expect(other.tabsFailed?.code).toBe("database_damaged");
  broken.fail("objects", null);
  other.retry();
  await settle();
  expect(other.tabsFailed).toBeNull();
  expect(other.tabs).not.toBeNull();
});
