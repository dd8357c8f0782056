// Leaving a type of records out from Home, and bringing it back there or in Settings.
import { describe, expect, it } from "vitest";
import type { FakeBackend } from "../../backend/fake";
import { refusals } from "../../backend/fake/scenarios";
import { ids } from "../../design/testids";
import { byId, click, maybe, open, settled } from "../../test/app";

const asked = (backend: FakeBackend) => backend.calls.filter((call) => call.name === "skip_object").map((call) => call.request);
const row = (object: string) => byId(ids.objectRow(object)).textContent ?? "";
function button(name: string): HTMLElement | undefined {
  return [...document.querySelectorAll<HTMLElement>("button")].find((one) => one.textContent?.trim() === name);
}
async function pressed(name: string): Promise<void> {
  button(name)?.click();
  await settled();
}

describe("a type that stands in the way", () => {
  it("can be skipped: it needs nobody any more, and is brought back from its row", async () => {
    const backend = await open("skipped");
    expect(byId(ids.home).textContent).toContain("Needs you");
    await pressed("Skip it");
    expect(asked(backend)).toEqual([{ connection: "norrsken", object: "tickets", skip: true }]);
    expect(byId(ids.home).textContent).not.toContain("Needs you");
    expect(row("tickets")).toContain("Left out");
    await click(ids.takeUp("tickets"));
    expect(asked(backend).at(-1)).toEqual({ connection: "norrsken", object: "tickets", skip: false });
    expect(row("tickets")).toContain("It is taken up again with the next run.");
    expect(maybe(ids.takeUp("tickets"))).toBeNull();
  });
  it("keeps its rows in sight", async () => {
    const backend = await open("error");
    const status = backend.statuses[0];
    if (!status) throw new Error("no connection");
    status.attention = [{ error: { ...refusals.trouble, actions: ["try_again", "skip_object"] }, object: "deals", count: 2 }];
    backend.emit({ event: "status_changed", connection: status.connection });
    await settled();
    await pressed("Skip it");
    expect(row("deals")).toContain("53,012");
    expect(byId(ids.objectRow("deals")).querySelector("button.open")).not.toBeNull();
  });
  it("is not offered to be skipped when it is the whole connection", async () => {
    const backend = await open("error");
    const status = backend.statuses[0];
    if (!status) throw new Error("no connection");
    status.attention = [{ error: { ...refusals.tickets }, object: null, count: 1 }];
    backend.emit({ event: "status_changed", connection: status.connection });
    await settled();
    expect(button("Check again")).toBeDefined();
    expect(button("Skip it")).toBeUndefined();
  });
  it("is said when it could not be skipped", async () => {
    const backend = await open("skipped");
    backend.fail("skip_object", { code: "no_such_object", title: "There is no object type “tickets” here.", text: "", fix: [], actions: [], technical: "" });
    await pressed("Skip it");
    expect(document.querySelector("[role=alert]")?.textContent).toContain("There is no object type");
  });
});

describe("settings", () => {
  it("list every type with a tick, and take one back with Undo", async () => {
    const backend = await open("active");
    await click(ids.settingsOpen);
    const setting = () => byId(ids.setting("skipped_objects"));
    const ticks = () => [...setting().querySelectorAll<HTMLInputElement>("input")].filter((one) => one.checked).map((one) => one.parentElement?.textContent?.trim());
    expect(setting().textContent).toContain("Line items");
    expect(ticks()).toEqual([]);
    setting().querySelectorAll<HTMLInputElement>("input")[4]?.click();
    await settled();
    expect(backend.calls.at(-1)?.request).toEqual({ connection: "norrsken", key: "skipped_objects", value: '["line_items"]' });
    expect(ticks()).toEqual(["Line items"]);
    expect(byId(ids.settings).textContent).toContain("Left out: Line items.");
    await click(ids.settingsUndo);
    expect(ticks()).toEqual([]);
  });
});
