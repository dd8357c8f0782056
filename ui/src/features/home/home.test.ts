import { describe, expect, it } from "vitest";
import { FakeBackend } from "../../backend/fake";
import type { ConnectionStatus, WireError } from "../../backend/generated/wire";
import { statuses } from "../../backend/fake/scenarios";
import { Announcer } from "./announcer";
import { figures, isUnderWay, nextTry, part, stateWords, whole } from "./figures";
import { StatusState } from "./status.svelte";

const one = (scenario: Parameters<typeof statuses>[0]) => statuses(scenario)[0] as ConnectionStatus;
const now = Date.now();
const said = (status: ConnectionStatus, at = now) => figures(status, at).map((figure) => `${figure.value} ${figure.label}`);

describe("the figures of Home", () => {
  it("lead with what is left, then how long, then the percentage, then the rate", () => {
    expect(said(one("backfilling"))).toEqual(["≈541,300 to go", "about 12 min left", "61 % filled", "720/s now"]);
  });
  it("promise nothing while totals are unknown", () => {
    expect(said(one("counting"))).toEqual(["400 records so far"]);
    expect(whole(one("counting"))).toMatchObject({ value: null, still: false });
  });
  it("count down to the next try and freeze the rest during a limit", () => {
    const status = one("rate_limited");
    const until = Date.parse(status.objects[0]?.waiting_until ?? "");
    expect(said(status, until - 7000)).toEqual(["7 s until the next try", "≈541,300 to go", "about 12 min left, frozen", "61 % filled"]);
    expect(nextTry(status, until + 5000)).toBe(0);
  });
  it("say what is here when nothing is under way", () => {
    const status = one("active");
    expect(isUnderWay(status)).toBe(false);
    expect(said(status)[0]).toBe("1,208,582 records here");
    expect(whole(status)).toBeNull();
  });
  it("stay with the half-done import when it is paused, and stop the bar", () => {
    expect(said(one("paused"))).toEqual(["≈541,300 to go", "61 % filled"]);
    expect(whole(one("paused"))).toMatchObject({ value: 0.61, tone: "quiet" });
  });
  it("keep the percentage of a paused import when what is left is not known yet", () => {
    const status = one("paused");
    status.progress.to_go = null;
    const here = status.objects.reduce((sum, row) => sum + row.filled, 0).toLocaleString("en");
    expect(said(status)).toEqual([`${here} records so far`, "61 % filled"]);
    expect(whole(status)).toMatchObject({ value: 0.61, still: false });
  });
});

describe("an object's row", () => {
  const row = (scenario: Parameters<typeof statuses>[0], object: string) => {
    const found = one(scenario).objects.find((each) => each.object === object);
    if (!found) throw new Error(object);
    return found;
  };
  it("is full only when all of it is committed", () => {
    const almost = { ...row("backfilling", "contacts"), filled: 1_204_330 };
    expect(part(almost).value).toBe(0.99);
    expect(part(row("backfilling", "companies"))).toMatchObject({ value: 1, done: true });
  });
  it("moves as a stripe without a total while it works, and lies still while it waits its turn", () => {
    expect(part(row("counting", "contacts"))).toMatchObject({ value: null, still: false });
    expect(part(row("counting", "notes"))).toMatchObject({ value: null, still: true });
  });
  it("is done even when there was nothing to fill", () => {
    expect(part({ ...row("active", "notes"), filled: 0, found: { value: 0, exact: true } }).value).toBe(1);
    expect(part({ ...row("active", "notes"), filled: 0, found: null }).value).toBe(1);
  });
  it("never fills beyond its end when more arrives than was found", () => {
    expect(part({ ...row("backfilling", "contacts"), filled: 2_000_000 }).value).toBe(0.99);
  });
  it("says when it was done, and else what the core says", () => {
    expect(stateWords(row("active", "contacts"), now)).toMatch(/^Done \d\d:\d\d|^Done yesterday/);
    expect(stateWords({ ...row("backfilling", "contacts"), reason: "Reading page 12" }, now)).toBe("Reading page 12");
    expect(stateWords({ ...row("backfilling", "contacts"), reason: null }, now)).toBe("Filling");
  });
  it("tells a screen reader how much of what, and how long", () => {
    expect(part(row("backfilling", "contacts")).words).toBe("716,000 of 1,204,331 contacts, 11 min left");
  });
});

describe("the announcer", () => {
  it("says a change of state at once and progress at most every 30 seconds", () => {
    const announcer = new Announcer();
    expect(announcer.tell("backfilling", "Backfilling.", "1 of 9", 0)).toBe("Backfilling.");
    expect(announcer.tell("backfilling", "Backfilling.", "2 of 9", 29_000)).toBeNull();
    expect(announcer.tell("backfilling", "Backfilling.", "3 of 9", 30_000)).toBe("3 of 9");
    expect(announcer.tell("backfilling", "Backfilling.", "4 of 9", 31_000)).toBeNull();
    expect(announcer.tell("active", "Up to date.", null, 31_500)).toBe("Up to date.");
    expect(announcer.tell("active", "Up to date.", null, 99_000)).toBeNull();
  });
});

describe("the status of a connection", () => {
  const asked = (backend: FakeBackend) => backend.calls.filter((call) => call.name === "connection_status").length;

  it("is asked for once more, not many times more, when events pour in", async () => {
    const backend = new FakeBackend("backfilling");
    const state = new StatusState(backend);
    await state.follow("norrsken");
    expect(asked(backend)).toBe(1);
    await Promise.all(Array.from({ length: 20 }, () => state.hear({ event: "status_changed", connection: "norrsken" })));
    expect(asked(backend)).toBe(3);
  });
  it("ignores what happens to other connections", async () => {
    const backend = new FakeBackend("two");
    const state = new StatusState(backend);
    await state.follow("norrsken");
    await state.hear({ event: "status_changed", connection: "kestrel" });
    expect(asked(backend)).toBe(1);
  });
  it("keeps what it knew when asking fails, and says so", async () => {
    const backend = new FakeBackend("active");
    const state = new StatusState(backend);
    await state.follow("norrsken");
    const error: WireError = { code: "database_damaged", title: "No.", text: "", fix: [], actions: [], technical: "" };
    backend.fail("connection_status", error);
    await state.refresh();
    expect(state.status?.name).toBe("Norrsken Cycles");
    expect(state.error).toEqual(error);
    backend.fail("connection_status", null);
    await state.refresh();
    expect(state.error).toBeNull();
  });
  it("never shows one connection's status under another's name", async () => {
    const backend = new FakeBackend("two");
    const state = new StatusState(backend);
    const first = state.follow("norrsken");
    const second = state.follow("kestrel");
    await Promise.all([first, second]);
    expect(state.status?.name).toBe("Kestrel & Rowe");
  });
  it("says why a button was refused, except that it runs already", async () => {
    const backend = new FakeBackend("active");
    const state = new StatusState(backend);
    await state.follow("norrsken");
    const refusal = (code: WireError["code"]): WireError => ({ code, title: "No.", text: "", fix: [], actions: [], technical: "" });
    backend.fail("start_sync", refusal("busy"));
    await state.sync();
    expect(state.refused).toBeNull();
    backend.fail("start_sync", refusal("offline"));
    await state.sync();
    expect(state.refused?.code).toBe("offline");
    backend.fail("start_sync", null);
    await state.sync();
    expect(state.refused).toBeNull();
    expect(state.status?.running).toBe(true);
  });
  it("pauses what goes on and resumes what is paused, with one key", async () => {
    const backend = new FakeBackend("backfilling");
    const state = new StatusState(backend);
    await state.follow("norrsken");
    await state.toggle();
    expect(state.status?.paused).toBe(true);
    await state.toggle();
    expect(state.status?.paused).toBe(false);
  });
});
