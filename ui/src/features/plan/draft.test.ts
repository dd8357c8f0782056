// The plan in the wizard's last step: counting, stopped, refused, and never in the way.
import { describe, expect, it } from "vitest";
import type { FakeBackend } from "../../backend/fake";
import type { WireError } from "../../backend/generated/wire";
import { ids } from "../../design/testids";
import { byId, click, maybe, open, paste, settled } from "../../test/app";

const offline: WireError = { code: "offline", title: "HubSpot cannot be reached.", text: "", fix: [], actions: ["try_again"], technical: "" };
const said = () => byId(ids.plan).textContent ?? "";
const asked = (backend: FakeBackend) => backend.calls.filter((call) => call.name === "draft_plan").map((call) => call.request);

/** As far as the last step. */
async function choosing(prepare: (backend: FakeBackend) => void = () => {}): Promise<FakeBackend> {
  const backend = await open("empty");
  prepare(backend);
  await click(ids.buttonConnect);
  await click(ids.wizardNext);
  await paste(ids.keyField, "pat-eu1-4c0ffee0-0000-4000-8000-000000003f9c");
  await click(ids.wizardNext);
  while (backend.checks.step());
  backend.emit({ event: "checks_changed", draft: "draft-1" });
  await settled();
  await click(ids.wizardNext);
  return backend;
}
async function window(all: boolean): Promise<void> {
  const [recent, everything] = document.querySelectorAll<HTMLInputElement>("input[name=window]");
  (all ? everything : recent)?.click();
  await settled();
}

describe("the plan before the start", () => {
  it("is asked for while the checks are read, once", async () => {
    const backend = await choosing();
    expect(asked(backend)).toEqual([{ draft: "draft-1", all_history: false }]);
    for (const words of ["52 s", "118,400", "1,057", "<1 % of a day", "310 MB"]) expect(said()).toContain(words);
    await click(ids.planMore);
    expect(said()).toContain("list, search beside it");
    expect(said()).toContain("742 general, 271 search and 44 for links");
  });
  it("is another one for another window, and the first is not asked for twice", async () => {
    const backend = await choosing();
    await window(true);
    expect(said()).toContain("9 min");
    expect(said()).toContain("9,844");
    await window(false);
    expect(said()).toContain("52 s");
    expect(asked(backend)).toEqual([{ draft: "draft-1", all_history: false }, { draft: "draft-1", all_history: true }]);
  });
  it("is shown as soon as it comes, and nothing waits for it", async () => {
    const backend = await choosing((backend) => (backend.planning.held = true));
    expect(said()).toContain("Counting what there is…");
    expect(byId(ids.plan).getAttribute("aria-busy")).toBe("true");
    expect((byId(ids.wizardFinish) as HTMLButtonElement).disabled).toBe(false);
    backend.planning.letGo();
    await settled();
    expect(said()).toContain("52 s");
  });
  it("does not keep the import from being started", async () => {
    await choosing((backend) => (backend.planning.held = true));
    await click(ids.wizardFinish);
    expect(maybe(ids.wizard)).toBeNull();
    expect(maybe(ids.home)).not.toBeNull();
  });
  it("can be done without, and counted after all", async () => {
    const backend = await choosing((backend) => (backend.planning.held = true));
    await click(ids.planStop);
    expect(backend.calls.some((call) => call.name === "stop_draft_plan")).toBe(true);
    expect(said()).toContain("Not counted. It can be started all the same.");
    backend.planning.held = false;
    await click(ids.planCount);
    expect(said()).toContain("52 s");
  });
  it("that gave way to another window is made again when one comes back to it", async () => {
    const backend = await choosing((backend) => (backend.planning.held = true));
    await window(true);
    backend.planning.held = false;
    await window(false);
    expect(said()).toContain("52 s");
    expect(asked(backend)).toHaveLength(3);
  });
  it("that fails says why, and can be tried again", async () => {
    const backend = await choosing((backend) => backend.fail("draft_plan", offline));
    expect(said()).toContain("HubSpot cannot be reached.");
    expect((byId(ids.wizardFinish) as HTMLButtonElement).disabled).toBe(false);
    backend.fail("draft_plan", null);
    [...byId(ids.plan).querySelectorAll<HTMLElement>("button")].find((one) => one.textContent?.trim() === "Try again")?.click();
    await settled();
    expect(said()).toContain("52 s");
  });
  it("is made anew once more is permitted", async () => {
    const backend = await choosing();
    [...document.querySelectorAll<HTMLElement>("button")].find((one) => one.textContent?.trim() === "Back")?.click();
    await settled();
    document.querySelector<HTMLElement>(`[data-testid="${ids.checkRow("scopes")}"] .buttons button:nth-of-type(2)`)?.click();
    await settled();
    while (backend.checks.step());
    backend.emit({ event: "checks_changed", draft: "draft-1" });
    await settled();
    expect(asked(backend)).toHaveLength(2);
  });
});
