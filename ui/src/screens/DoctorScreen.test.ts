// Doctor, the request log and the support bundle, through the window.
import { describe, expect, it } from "vitest";
import type { FakeBackend } from "../backend/fake";
import { ids } from "../design/testids";
import { byId, click, maybe, open, press, settled, type } from "../test/app";

const button = (name: string) => [...document.querySelectorAll<HTMLElement>("button")].find((one) => one.textContent?.trim() === name || one.getAttribute("aria-label") === name);
const pressed = async (name: string) => {
  const found = button(name);
  if (!found) throw new Error(`no button is called ${name}`);
  found.click();
  await settled();
};
const outcome = (id: string) => byId(ids.doctorRow(id)).dataset.outcome;
const ran = (backend: FakeBackend) => backend.calls.filter((call) => call.name === "run_doctor").map((call) => (call.request as { only: string[] }).only);
async function finish(backend: FakeBackend) {
  while (backend.doctor.step());
  backend.emit({ event: "doctor_changed" });
  await settled();
}
async function doctor(): Promise<FakeBackend> {
  const backend = await open("active");
  await click(ids.navDoctor);
  return backend;
}

describe("Doctor", () => {
  it("checks everything the first time it is opened, row by row, and then says how it stands", async () => {
    const backend = await doctor();
    expect(ran(backend)).toEqual([[]]);
    expect(outcome("version")).toBe("running");
    expect(outcome("disk")).toBe("next");
    backend.doctor.step();
    backend.emit({ event: "doctor_changed" });
    await settled();
    expect(outcome("version")).toBe("fine");
    expect(byId(ids.verdict).textContent).toContain("11 checks left");
    await finish(backend);
    expect(byId(ids.verdict).textContent).toContain("1 to look at. If nothing bothers you, you can ignore it.");
  });
  it("does not check again only because one looks again", async () => {
    const backend = await doctor();
    await finish(backend);
    await click(ids.navHome);
    await click(ids.navDoctor);
    expect(ran(backend)).toEqual([[]]);
    expect(outcome("keychain")).toBe("fine");
  });
  it("runs one check alone", async () => {
    const backend = await doctor();
    await finish(backend);
    await pressed("Run again: Keychain");
    expect(ran(backend).at(-1)).toEqual(["keychain"]);
  });
  it("keeps what can wait folded, and opens it with what to do", async () => {
    const backend = await doctor();
    await finish(backend);
    expect(byId(ids.doctorRow("scopes/norrsken")).textContent).not.toContain("Open the key in HubSpot");
    await pressed("What to do: Permissions");
    expect(byId(ids.doctorRow("scopes/norrsken")).textContent).toContain("Open the key in HubSpot and add the permission.");
    await pressed("Open HubSpot");
    expect(backend.opened).toEqual(["https://app.hubspot.com/"]);
  });
  it("opens what is broken by itself", async () => {
    const backend = await doctor();
    backend.doctor.skewed = true;
    await finish(backend);
    expect(byId(ids.doctorRow("clock")).textContent).toContain("Set the clock to the right time.");
    expect(byId(ids.verdict).textContent).toContain("1 broken");
  });
  it("says when a check takes unusually long", async () => {
    const backend = await doctor();
    while (outcome("integrity/norrsken") !== "running") {
      backend.doctor.step();
      backend.emit({ event: "doctor_changed" });
      await settled();
    }
    expect(byId(ids.doctorRow("integrity/norrsken")).textContent).toContain("unusually long");
  });
  it("is a key away, runs by key, and can be reached with no connection at all", async () => {
    const backend = await open("empty");
    await press("7", { ctrlKey: true });
    expect(maybe(ids.doctor)).not.toBeNull();
    await finish(backend);
    await press("d", { ctrlKey: true, shiftKey: true });
    expect(ran(backend)).toHaveLength(2);
    await press("Escape");
    expect(maybe(ids.firstRun)).not.toBeNull();
  });
  it("says why it cannot be shown, and tries again", async () => {
    const backend = await open("active");
    backend.fail("doctor", { code: "data_folder", title: "The data folder cannot be used.", text: "", fix: [], actions: ["try_again"], technical: "" });
    await click(ids.navDoctor);
    expect(document.querySelector("[role=alert]")?.textContent).toContain("The data folder cannot be used.");
    backend.fail("doctor", null);
    await pressed("Try again");
    expect(outcome("version")).toBe("running");
  });
});

describe("the request log", () => {
  const rows = () => byId(ids.requestLog).querySelectorAll("[role=rowgroup]:last-child > [role=row]").length;
  it("shows what failed, by kind, and everything when asked", async () => {
    const backend = await doctor();
    expect(rows()).toBe(5);
    expect(byId(ids.requestLog).textContent).toContain("429 RATE_LIMITS");
    expect(byId(ids.requestLog).textContent).toContain("timed out");
    await pressed("429 RATE_LIMITS, 2 times");
    expect(rows()).toBe(2);
    await pressed("All");
    expect(rows()).toBe(50);
    await pressed("Show 15 more");
    expect(rows()).toBe(65);
    expect(backend.calls.filter((call) => call.name === "request_log").at(-1)?.request).toEqual({ connection: null, failed: false });
  });
  it("can be narrowed to the connection that is looked at", async () => {
    const backend = await open("two");
    await click(ids.navDoctor);
    await pressed("This connection");
    expect(backend.calls.filter((call) => call.name === "request_log").at(-1)?.request).toEqual({ connection: "norrsken", failed: true });
  });
});

describe("the support bundle", () => {
  it("is read file by file before it is saved, and says where it went", async () => {
    const backend = await doctor();
    await click(ids.bundleOpen);
    expect(byId(ids.bundle).textContent).toContain("Portside 0.1.0");
    const tab = (at: number) => byId(ids.bundle).querySelectorAll<HTMLElement>("[role=tab]")[at];
    tab(0)?.focus();
    await press("ArrowDown");
    expect(document.activeElement).toBe(tab(1));
    expect(byId(ids.bundle).querySelector("[role=tabpanel]")?.textContent).toContain("verdict");
    await type(ids.bundlePath, " /bundles/mine.zip ");
    await click(ids.bundleSave);
    expect(backend.calls.at(-1)).toMatchObject({ name: "save_bundle", request: { id: "k7f2qm", path: "/bundles/mine.zip" } });
    expect(byId(ids.bundle).textContent).toContain("Saved as/bundles/mine.zip");
  });
  it("stays open with the reason when it cannot be saved", async () => {
    const backend = await doctor();
    await click(ids.bundleOpen);
    backend.fail("save_bundle", { code: "disk_full", title: "The disk is full.", text: "", fix: [], actions: ["try_again"], technical: "" });
    await click(ids.bundleSave);
    expect(byId(ids.bundle).textContent).toContain("The disk is full.");
    expect(maybe(ids.bundlePath)).not.toBeNull();
  });
});

describe("the permissions of a connection", () => {
  it("say what is missing first, why it is asked for, and what follows for each record type", async () => {
    const backend = await open("skipped");
    await click(ids.permissionsOpen);
    const words = byId(ids.permissions).textContent ?? "";
    expect(words).toContain("14 granted, 1 missing");
    expect(words).toContain("The permission “tickets” is missing.");
    expect(byId(ids.permissions).querySelector(".scopes li")?.textContent).toContain("tickets");
    expect(words).toContain("The key itself stays the same.");
    await pressed("Check again");
    expect(backend.calls.some((call) => call.name === "start_sync")).toBe(true);
  });
  it("of an app are added by signing in again", async () => {
    await open("oauth");
    await click(ids.permissionsOpen);
    expect(byId(ids.permissions).textContent).toContain("Not in this account's plan");
    await pressed("Add permissions…");
    expect(byId(ids.wizard).textContent).toContain("Add permissions to Norrsken Cycles");
  });
  it("open from the menu for a key, which stays the same", async () => {
    await open("active");
    await click(ids.connectionSwitch);
    await click(ids.menuGrow);
    expect(maybe(ids.permissions)).not.toBeNull();
  });
});

describe("making trouble in the demo", () => {
  const flip = async (id: string) => {
    byId(ids.trouble(id)).querySelector<HTMLElement>("[role=switch]")?.click();
    await settled();
  };
  it("throws each switch for real, beside the page", async () => {
    const backend = await open("demo");
    byId(ids.troubleOpen).focus();
    await click(ids.troubleOpen);
    await flip("key_ended");
    expect(backend.calls.at(-1)).toEqual({ name: "make_trouble", request: { id: "key_ended", on: true } });
    expect(byId(ids.trouble("key_ended")).querySelector("[role=switch]")?.getAttribute("aria-checked")).toBe("true");
    await flip("key_ended");
    expect(backend.calls.at(-1)).toEqual({ name: "make_trouble", request: { id: "key_ended", on: false } });
    await press("Escape");
    expect(maybe(ids.troublePanel)).toBeNull();
    expect(document.activeElement).toBe(byId(ids.troubleOpen));
  });
  it("is offered nowhere else", async () => {
    await open("active");
    expect(maybe(ids.troubleOpen)).toBeNull();
  });
});
