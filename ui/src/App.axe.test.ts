// Every screen and every dialog, looked at by axe. Contrast is computed from the tokens elsewhere: this engine draws nothing.
import { cleanup } from "@testing-library/svelte";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { signIn } from "./backend/fake/oauth";
import { ids } from "./design/testids";
import { click, open, paste, press, settled, type } from "./test/app";

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
  it.each(["backfilling", "rate_limited", "auth_error", "counting", "finished", "demo", "two", "pending", "exchange", "uninstalled", "oauth", "differs", "locked", "unstarted"] as const)("on Home: %s", async (scenario) => {
    await open(scenario);
    expect(await faults()).toEqual([]);
  });
  it("in the settings, and where keys are moved", async () => {
    const backend = await open("active", (backend) => (backend.vault = "encrypted file"));
    await click(ids.settingsOpen);
    expect(await faults()).toEqual([]);
    await click(ids.keychainOpen);
    expect(await faults()).toEqual([]);
    backend.fail("use_keychain", { code: "keychain_missing", title: "No system keychain could be found.", text: "", fix: [], actions: ["try_again"], technical: "" });
    await click(ids.keychainMove);
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
  it("in any step of signing in", async () => {
    const backend = await open("empty");
    await click(ids.buttonConnect);
    await click(ids.methodWay("oauth"));
    await click(ids.wizardNext);
    expect(await faults()).toEqual([]);
    await type(ids.clientId, "5ff1a2d3-7c41-4b0e-9d52-1b6f0a3c8e77");
    await type(ids.clientSecret, "0c0ffee0-0000-4000-8000-00000000c0de");
    await click(ids.wizardNext);
    expect(await faults()).toEqual([]);
    await click(ids.openHubspot);
    if (backend.oauth.attempt) backend.oauth.attempt.began -= 30_000;
    backend.emit({ event: "attempt_changed", attempt: "a1" });
    await settled();
    await click(ids.pasteAddress);
    expect(await faults()).toEqual([]);
    backend.answerAttempt("failed", signIn.denied);
    await settled();
    expect(await faults()).toEqual([]);
  });
  it("where an app comes from", async () => {
    await open("pending");
    await click(ids.navSetup);
    const choose = async (name: string) => {
      [...document.querySelectorAll<HTMLElement>("button")].find((one) => one.textContent === name)?.click();
      await settled();
    };
    await choose("Make one for me");
    await type(ids.kitFolder, "/somewhere/app");
    await click(ids.kitWrite);
    expect(await faults()).toEqual([]);
  });
  it("when a key is replaced", async () => {
    const backend = await open("skipped");
    await click(ids.connectionSwitch);
    await click(ids.menuReplace);
    expect(await faults()).toEqual([]);
    await paste(ids.keyField, KEY);
    await click(ids.wizardNext);
    while (backend.checks.step());
    backend.emit({ event: "checks_changed", draft: "draft-1" });
    await settled();
    await click(ids.wizardNext);
    expect(await faults()).toEqual([]);
  });
  it("on Doctor and in the support bundle", async () => {
    const backend = await open("active");
    await click(ids.navDoctor);
    expect(await faults()).toEqual([]);
    backend.doctor.skewed = true;
    while (backend.doctor.step());
    backend.emit({ event: "doctor_changed" });
    await settled();
    expect(await faults()).toEqual([]);
    await click(ids.bundleOpen);
    expect(await faults()).toEqual([]);
  });
  it("in the permissions and the demo's troubles", async () => {
    await open("skipped");
    await click(ids.permissionsOpen);
    expect(await faults()).toEqual([]);
    cleanup();
    await open("demo");
    await click(ids.troubleOpen);
    expect(await faults()).toEqual([]);
  });
  it("in the proof and the settings", async () => {
    await open("differs");
    await click(ids.proofTypes);
    expect(await faults()).toEqual([]);
    await press("Escape");
    await click(ids.settingsOpen);
    expect(await faults()).toEqual([]);
  });
  it("where keys go to a file", async () => {
    const backend = await open("empty");
    await click(ids.buttonConnect);
    await click(ids.wizardNext);
    await paste(ids.keyField, "pat-eu1-nokeychain-0000-4000");
    await click(ids.wizardNext);
    while (backend.checks.step());
    backend.emit({ event: "checks_changed", draft: "draft-1" });
    await settled();
    [...document.querySelectorAll<HTMLElement>("button")].find((one) => one.textContent === "Use encrypted file…")?.click();
    await settled();
    expect(await faults()).toEqual([]);
  });
  it("on Records", async () => {
    await open("backfilling");
    await click(ids.navRecords);
    expect(await faults()).toEqual([]);
  });
});
