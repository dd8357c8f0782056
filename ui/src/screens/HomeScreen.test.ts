// Home's part in checking and proving, as people use it.
import { describe, expect, it } from "vitest";
import { ids } from "../design/testids";
import { byId, click, maybe, open, press, settled } from "../test/app";
import type { FakeBackend } from "../backend/fake";

const asked = (backend: FakeBackend, name: string) => backend.calls.filter((call) => call.name === name).map((call) => call.request);
const words = (id: string) => byId(id).textContent?.replace(/\s+/g, " ") ?? "";
async function choose(name: string): Promise<void> {
  const entry = [...document.querySelectorAll<HTMLElement>("[role=menuitem], button")].find((one) => one.textContent?.trim().startsWith(name));
  if (!entry) throw new Error(`nothing is called ${name}`);
  entry.click();
  await settled();
}

describe("the plan", () => {
  it("stands before the first import, and starts it", async () => {
    const backend = await open("unstarted");
    expect(words(ids.plan)).toContain("52 s");
    expect(words(ids.plan)).toContain("<1 % of a day");
    expect(asked(backend, "sync_plan")).toEqual([{ connection: "norrsken", full: false }]);
    await click(ids.planStart);
    expect(asked(backend, "start_sync")).toEqual([{ connection: "norrsken", full: false }]);
    expect(maybe(ids.plan)).toBeNull();
  });
  it("stands before everything is read again", async () => {
    const backend = await open("active");
    document.querySelector<HTMLElement>("[aria-label='More ways to sync']")?.click();
    await settled();
    await choose("Read everything again");
    expect(asked(backend, "start_sync")).toEqual([]);
    expect(words(ids.planFull)).toContain("1,057");
    await click(ids.planStart);
    expect(asked(backend, "start_sync")).toEqual([{ connection: "norrsken", full: true }]);
  });
  it("says why it cannot be made, and asks again", async () => {
    const backend = await open("active");
    backend.fail("sync_plan", { code: "offline", title: "HubSpot cannot be reached.", text: "", fix: [], actions: ["try_again"], technical: "" });
    document.querySelector<HTMLElement>("[aria-label='More ways to sync']")?.click();
    await settled();
    await choose("Read everything again");
    expect(words(ids.plan)).toContain("HubSpot cannot be reached.");
    backend.fail("sync_plan", null);
    await choose("Try again");
    expect(words(ids.plan)).toContain("1,057");
  });
});

describe("the finish card", () => {
  it("shows what was foretold beside what it took", async () => {
    const backend = await open("demo");
    for (let turn = 0; turn < 60 && maybe(ids.finishCard) === null; turn++) {
      backend.step();
      await settled();
    }
    const fact = words(ids.planFact);
    expect(fact).toContain("26,840");
    expect(fact).toContain("27,300");
    expect(fact).toContain("+2 %");
  });
});

describe("the schedule", () => {
  it("says when the next check comes and how often", async () => {
    await open("active");
    expect(words(ids.schedule)).toMatch(/Next check\s*\d\d:\d\d, in 13 min/);
    expect(words(ids.schedule)).toContain("15 min");
  });
  it("can be paused for a while, until a time that is asked for", async () => {
    const backend = await open("backfilling");
    await click(ids.pauseMore);
    await choose("For 30 minutes");
    const [request] = asked(backend, "pause_until") as { connection: string; until: string }[];
    expect(request?.connection).toBe("norrsken");
    expect(Math.abs(Date.parse(request?.until ?? "") - Date.now() - 1_800_000)).toBeLessThan(60_000);
    expect(words(ids.schedule)).toContain("Paused until");
    expect(maybe(ids.buttonResume)).not.toBeNull();
  });
  it("is changed in the settings, which apply at once and can be taken back", async () => {
    const backend = await open("active");
    await click(ids.settingsOpen);
    const field = byId(ids.setting("cadence_minutes")).querySelector("input");
    if (!field) throw new Error("the cadence has a field");
    field.focus();
    field.value = "30";
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await settled();
    await press("Enter");
    expect(asked(backend, "change_setting")).toEqual([{ connection: "norrsken", key: "cadence_minutes", value: "30" }]);
    expect(words(ids.settings)).toContain("Check for changes every: 30 minutes.");
    await click(ids.settingsUndo);
    expect(backend.settings.rows[0]?.value).toBe("15");
  });
});

describe("the objects", () => {
  it("name what the account does not have, and what this connection may not see, each with its reason", async () => {
    await open("active");
    const said = words(ids.objectsAbsent);
    expect(said).toContain("2 more types are not in this account");
    expect(said).toMatch(/Quotes\s*Not in this account's plan/);
    expect(said).toContain("crm.objects.leads.read");
  });
});

describe("the proof", () => {
  it("says three findings, never one word", async () => {
    await open("active");
    const said = words(ids.proof);
    expect(said).toContain("Counts agree");
    expect(said).toContain("Every id compared");
    expect(said).toContain("Values compared");
    expect(said).toContain("3 of 8 types");
  });
  it("is made anew on request; the deep one says its cost first", async () => {
    const backend = await open("active");
    await click(ids.verify);
    expect(asked(backend, "start_verify")).toEqual([{ connection: "norrsken", deep: false }]);
    expect(words(ids.proof)).toContain("Verifying…");
    const other = await open("differs");
    document.querySelectorAll<HTMLElement>("[aria-label='How to verify']").forEach((one) => one.click());
    await settled();
    await choose("Compare ids and values too…");
    expect(words(ids.verifyDeep)).toContain("12,730 requests");
    await click(ids.verifyStart);
    expect(asked(other, "start_verify")).toEqual([{ connection: "norrsken", deep: true }]);
  });
  it("names the type that differs, and what differs", async () => {
    await open("differs");
    await click(ids.proofTypes);
    const rows = [...byId(ids.proofDialog).querySelectorAll("[role=row]")].map((row) => row.textContent ?? "");
    expect(rows[1]).toContain("Contacts");
    expect(rows[1]).toContain("2 differ");
    expect(rows[1]).toContain("could not be read");
  });
  it("cannot be made before there is a copy", async () => {
    await open("backfilling");
    expect((byId(ids.verify) as HTMLButtonElement).disabled).toBe(true);
  });
});
