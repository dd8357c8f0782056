// Every screen and every dialog, looked at by axe. Contrast is computed from the tokens elsewhere: this engine draws nothing.
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { ids } from "./design/testids";
import { click, open, paste, press, settled } from "./test/app";

async function faults(): Promise<string[]> {
  const { violations } = await axe.run(document.documentElement, { resultTypes: ["violations"], rules: { "color-contrast": { enabled: false } } });
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}
const KEY = "pat-eu1-4c0ffee0-0000-4000-8000-000000003f9c";
document.documentElement.lang = "en";

describe("axe finds nothing", () => {
  it("on the first run", async () => {
    await open("empty");
    expect(await faults()).toEqual([]);
  });
  it("in any step of the wizard", async () => {
    const backend = await open("empty");
    await click(ids.buttonConnect);
    expect(await faults()).toEqual([]);
    await click(ids.wizardNext);
    expect(await faults()).toEqual([]);
    await paste(ids.keyField, "not a key");
    expect(await faults()).toEqual([]);
    await paste(ids.keyField, KEY);
    await click(ids.wizardNext);
    while (backend.checks.step());
    backend.emit({ event: "checks_changed", draft: "draft-1" });
    await settled();
    expect(await faults()).toEqual([]);
    await click(ids.wizardNext);
    expect(await faults()).toEqual([]);
    await press("Escape");
    expect(await faults()).toEqual([]);
  });
  it.each(["backfilling", "rate_limited", "auth_error", "counting", "finished", "demo", "two", "pending"] as const)("on Home: %s", async (scenario) => {
    await open(scenario);
    expect(await faults()).toEqual([]);
  });
  it("in the menu, the dialogs and the list of keys", async () => {
    await open("two");
    await click(ids.connectionSwitch);
    expect(await faults()).toEqual([]);
    await click(ids.menuDisconnect);
    expect(await faults()).toEqual([]);
    await press("Escape");
    await press("?");
    expect(await faults()).toEqual([]);
  });
  it("on Records", async () => {
    await open("backfilling");
    await click(ids.navRecords);
    expect(await faults()).toEqual([]);
  });
});
