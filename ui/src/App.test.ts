// The window as people use it, on the pretend backend.
import { describe, expect, it } from "vitest";
import { ids } from "./design/testids";
import { byId, click, maybe, open, paste, press, settled, type } from "./test/app";

const KEY = "pat-eu1-4c0ffee0-0000-4000-8000-000000003f9c";
const text = (id: string) => byId(id).textContent?.trim() ?? "";
const button = (name: string) => [...document.querySelectorAll<HTMLElement>("button")].find((one) => one.textContent?.trim() === name || one.getAttribute("aria-label") === name);

describe("the first run", () => {
  it("opens the demo portal with one click and shows its import", async () => {
    const backend = await open("empty");
    expect(maybe(ids.home)).toBeNull();
    await click(ids.buttonDemo);
    expect(text(ids.stateChip)).toBe("Backfilling");
    expect(byId(ids.demoStrip).textContent).toContain("DEMO DATA");
    const before = text(ids.objectFilled("contacts"));
    backend.step();
    await settled();
    expect(text(ids.objectFilled("contacts"))).not.toBe(before);
  });
  it("says why the demo could not be opened, and tries again", async () => {
    const backend = await open("empty");
    backend.fail("open_demo", { code: "disk_full", title: "The disk is full.", text: "", fix: ["Make room."], actions: ["try_again"], technical: "" });
    await click(ids.buttonDemo);
    expect(document.querySelector("[role=alert]")?.textContent).toContain("The disk is full.");
    backend.fail("open_demo", null);
    button("Try again")?.click();
    await settled();
    expect(maybe(ids.home)).not.toBeNull();
  });
  it("tells the shell once that something is on screen", async () => {
    const backend = await open("empty");
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(painted))));
    expect(backend.painted).toBe(1);
  });
});

describe("connecting with a key", () => {
  it("goes from the card to a running import, and never shows the key again", async () => {
    const backend = await open("empty");
    await click(ids.buttonConnect);
    await click(ids.wizardNext);
    await paste(ids.keyField, `Bearer ${KEY}`);
    expect(maybe(ids.keyField)).toBeNull();
    expect(byId(ids.wizard).textContent).toContain("pat-eu1-…3f9c");
    expect(byId(ids.wizard).textContent).toContain("Taken off: “Bearer ”");
    expect(document.documentElement.outerHTML).not.toContain("4c0ffee0");
    await click(ids.wizardNext);
    expect(byId(ids.checkRow("format")).dataset.outcome).toBe("running");
    expect((byId(ids.wizardNext) as HTMLButtonElement).disabled).toBe(true);
    while (backend.checks.step());
    backend.emit({ event: "checks_changed", draft: "draft-1" });
    await settled();
    expect(byId(ids.wizard).textContent).toContain("Portal 24817305");
    await click(ids.wizardNext);
    await type(ids.connectionName, "Norrsken");
    await click(ids.wizardFinish);
    expect(maybe(ids.wizard)).toBeNull();
    expect(maybe(ids.home)).not.toBeNull();
    expect(byId(ids.connectionSwitch).textContent).toContain("Norrsken");
  });
  it("starts the import of a connection that does not run yet", async () => {
    const backend = await open("empty");
    await click(ids.buttonConnect);
    await click(ids.wizardNext);
    await paste(ids.keyField, KEY);
    await click(ids.wizardNext);
    while (backend.checks.step());
    backend.emit({ event: "checks_changed", draft: "draft-1" });
    await settled();
    await click(ids.wizardNext);
    const statuses = backend.statuses;
    const push = statuses.push.bind(statuses);
    statuses.push = (status) => push(Object.assign(status, { running: false, state: "pending_setup" as const }));
    await click(ids.wizardFinish);
    expect(backend.calls.some((call) => call.name === "start_sync")).toBe(true);
  });
  it("asks before it forgets a pasted key, and forgets it", async () => {
    const backend = await open("empty");
    await click(ids.buttonConnect);
    await click(ids.wizardNext);
    await paste(ids.keyField, KEY);
    await press("Escape");
    expect(document.querySelector("[role=alertdialog]")?.textContent).toContain("forgotten");
    button("Forget the key and close")?.click();
    await settled();
    expect(maybe(ids.wizard)).toBeNull();
    expect(backend.calls.some((call) => call.name === "discard_draft")).toBe(true);
  });
  it("closes with Escape when nothing was pasted, and gives the focus back", async () => {
    await open("empty");
    byId(ids.buttonConnect).focus();
    await click(ids.buttonConnect);
    await press("Escape");
    expect(maybe(ids.wizard)).toBeNull();
    expect(document.activeElement).toBe(byId(ids.buttonConnect));
  });
});

describe("Home", () => {
  it("pauses and resumes", async () => {
    const backend = await open("backfilling");
    expect((byId(ids.buttonSync) as HTMLButtonElement).disabled).toBe(true);
    expect(text(ids.buttonSync)).toBe("Running…");
    await click(ids.buttonPause);
    expect(text(ids.stateChip)).toBe("Paused");
    await click(ids.buttonResume);
    expect(text(ids.stateChip)).toBe("Backfilling");
    expect(backend.calls.map((call) => call.name)).toEqual(expect.arrayContaining(["pause_sync", "resume_sync"]));
  });
  it("offers to reconnect a connection that HubSpot ended, starting at the key", async () => {
    await open("auth_error");
    expect(maybe(ids.buttonSync)).toBeNull();
    button("Reconnect…")?.click();
    await settled();
    expect(byId(ids.wizard).textContent).toContain("Reconnect Norrsken Cycles");
    expect(maybe(ids.keyField)).not.toBeNull();
  });
  it("opens only HubSpot's own pages from its cards", async () => {
    const backend = await open("skipped");
    button("Open HubSpot")?.click();
    await settled();
    expect(backend.opened).toEqual(["https://app-eu1.hubspot.com/"]);
  });
  it("names another connection that needs a person, and goes there", async () => {
    await open("two");
    button("Open connection")?.click();
    await settled();
    expect(byId(ids.connectionSwitch).textContent).toContain("Kestrel & Rowe");
    expect(text(ids.stateChip)).toBe("Disconnected by HubSpot");
  });
  it("has nothing to tell about an import it never saw", async () => {
    await open("finished");
    expect(maybe(ids.finishCard)).toBeNull();
  });
  it("shows the finish card until it is put away, for good", async () => {
    const backend = await open("demo");
    expect(maybe(ids.finishCard)).toBeNull();
    while (backend.statuses[0]?.running) {
      backend.step();
      await settled();
    }
    expect(byId(ids.finishCard).textContent).toContain("180 requests, 0 errors");
    button("Hide this")?.click();
    await settled();
    expect(maybe(ids.finishCard)).toBeNull();
    await press("2", { ctrlKey: true });
    await press("1", { ctrlKey: true });
    expect(maybe(ids.finishCard)).toBeNull();
  });
  it.each([
    ["counting", "Backfilling"],
    ["paused", "Paused"],
    ["stale", "Stale"],
    ["offline", "Stale"],
    ["rate_limited", "Rate limited"],
    ["setup_error", "Setup error"],
    ["auth_error", "Disconnected by HubSpot"],
    ["error", "Stopped"],
    ["pending", "Setup unfinished"],
    ["inactive", "Disconnected"],
    ["exchange", "Setup unfinished"],
    ["uninstalled", "Disconnected by HubSpot"],
    ["oauth", "Up to date"],
    ["syncing", "Syncing"],
    ["active", "Up to date"],
  ] as const)("stands in every state: %s", async (scenario, chip) => {
    await open(scenario);
    expect(text(ids.stateChip)).toBe(chip);
    expect(text(ids.progressFigure)).not.toBe("");
    expect(document.querySelectorAll("h1")).toHaveLength(1);
  });
  it("shows the percentage in the window's title while something is under way", async () => {
    await open("backfilling");
    expect(document.title).toBe("61 % · Norrsken Cycles · Portside");
  });
});

describe("disconnecting", () => {
  async function dialog(scenario: "active" | "two" | "demo" | "oauth") {
    const backend = await open(scenario);
    await click(ids.connectionSwitch);
    await click(ids.menuDisconnect);
    return backend;
  }
  it("says every effect in order and keeps the records unless told otherwise", async () => {
    const backend = await dialog("active");
    expect([...byId(ids.dialogDisconnect).querySelectorAll("ol li")].map((one) => one.textContent)[0]).toBe("Syncing stops at once.");
    expect((byId(ids.disconnectWipe) as HTMLInputElement).checked).toBe(false);
    await click(ids.disconnectConfirm);
    expect(backend.calls.find((call) => call.name === "disconnect")?.request).toEqual({ connection: "norrsken", wipe: false });
    expect(byId(ids.dialogDisconnect).textContent).toContain("The local records are kept");
    await click(ids.disconnectDone);
    expect(maybe(ids.firstRun)).not.toBeNull();
  });
  it("deletes the records when ticked, and says so on the button", async () => {
    const backend = await dialog("active");
    await click(ids.disconnectWipe);
    expect(text(ids.disconnectConfirm)).toBe("Disconnect and delete");
    await click(ids.disconnectConfirm);
    expect(backend.calls.find((call) => call.name === "disconnect")?.request).toMatchObject({ wipe: true });
  });
  it("of an app revokes the sign-in, and says where the app itself is uninstalled", async () => {
    await dialog("oauth");
    expect(byId(ids.dialogDisconnect).textContent).toContain("The sign-in is revoked at HubSpot");
    expect(byId(ids.dialogDisconnect).textContent).toContain("Connected Apps → (app) → Uninstall");
  });
  it("goes on with the next connection where there is one", async () => {
    await dialog("two");
    await click(ids.disconnectConfirm);
    await click(ids.disconnectDone);
    expect(byId(ids.connectionSwitch).textContent).toContain("Kestrel & Rowe");
  });
  it("stays open with the reason when it fails", async () => {
    const backend = await dialog("active");
    backend.fail("disconnect", { code: "keychain_locked", title: "Your keychain is locked.", text: "", fix: [], actions: ["try_again"], technical: "" });
    await click(ids.disconnectConfirm);
    expect(byId(ids.dialogDisconnect).textContent).toContain("Your keychain is locked.");
  });
});

describe("the keyboard", () => {
  it("goes to the pages, syncs, pauses, and shows what it can do", async () => {
    const backend = await open("active");
    expect(await press("2", { ctrlKey: true })).toBe(true);
    expect(maybe(ids.home)).toBeNull();
    await press("1", { ctrlKey: true });
    expect(maybe(ids.home)).not.toBeNull();
    await press("r", { ctrlKey: true });
    expect(backend.calls.some((call) => call.name === "start_sync")).toBe(true);
    await press(".", { ctrlKey: true });
    expect(backend.calls.some((call) => call.name === "pause_sync")).toBe(true);
    await press("?");
    expect(document.querySelector("dialog")?.textContent).toContain("Go to Records");
  });
  it("is left to a dialog while one is open", async () => {
    const backend = await open("active");
    await press("?");
    await press("r", { ctrlKey: true });
    expect(backend.calls.some((call) => call.name === "start_sync")).toBe(false);
  });
  it("never reloads the window", async () => {
    await open("empty");
    expect(await press("F5")).toBe(true);
    expect(await press("r", { ctrlKey: true })).toBe(true);
  });
  it("goes round the parts of the window", async () => {
    await open("active");
    await press("F6");
    expect(document.activeElement?.closest("nav")).not.toBeNull();
    await press("F6");
    expect(document.activeElement?.closest("main")).not.toBeNull();
    await press("F6", { shiftKey: true });
    expect(document.activeElement?.closest("nav")).not.toBeNull();
  });
  it("opens no menu of the web view outside text", async () => {
    await open("active");
    const event = new MouseEvent("contextmenu", { bubbles: true, cancelable: true });
    byId(ids.home).dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
  });
});

describe("connections", () => {
  it("can be renamed, and a taken name is refused in words", async () => {
    await open("two");
    await click(ids.connectionSwitch);
    button("Rename…")?.click();
    await settled();
    const field = document.querySelector<HTMLInputElement>("dialog input");
    const write = async (name: string) => {
      if (!field) throw new Error("no field");
      field.value = name;
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      document.querySelector<HTMLFormElement>("dialog form")?.requestSubmit();
      await settled();
    };
    await write("Kestrel & Rowe");
    expect(document.querySelector("dialog [role=alert]")?.textContent).toContain("already");
    await write("Nordic");
    expect(document.querySelector("dialog")).toBeNull();
    expect(byId(ids.connectionSwitch).textContent).toContain("Nordic");
  });
});

describe("the theme", () => {
  it("follows the desktop until the person chooses, and remembers the choice", async () => {
    const backend = await open("active");
    expect(document.documentElement.dataset.theme).toBe("light");
    backend.system = "dark";
    window.dispatchEvent(new Event("focus"));
    await settled();
    expect(document.documentElement.dataset.theme).toBe("dark");
    document.querySelector<HTMLElement>('[data-value="light"]')?.click();
    await settled();
    expect(document.documentElement.dataset.theme).toBe("light");
    expect(backend.theme).toBe("light");
  });
});
