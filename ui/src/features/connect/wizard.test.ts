import { describe, expect, it } from "vitest";
import { FakeBackend } from "../../backend/fake";
import type { WireError } from "../../backend/generated/wire";
import { Wizard } from "./wizard.svelte";

const KEY = "pat-eu1-4c0ffee0-0000-4000-8000-000000003f9c";

function begin(text = KEY) {
  const backend = new FakeBackend("empty");
  const wizard = new Wizard(backend);
  wizard.step = "prepare";
  wizard.text = text;
  const finishChecks = async () => {
    while (backend.checks.step());
    await wizard.hear({ event: "checks_changed", draft: "draft-1" });
  };
  return { backend, wizard, finishChecks, called: (name: string) => backend.calls.filter((call) => call.name === name) };
}

describe("pasting a key", () => {
  it("lets the key go as soon as the core has it, and knows only its hint", async () => {
    const { wizard } = begin();
    await wizard.check();
    expect(wizard.text).toBe("");
    expect(wizard.draft?.hint).toBe("pat-eu1-…3f9c");
    expect(JSON.stringify(wizard.draft)).not.toContain("4c0ffee0");
    expect(wizard.step).toBe("check");
  });
  it("says what was taken off", async () => {
    const { wizard } = begin(`  "Bearer ${KEY}"`);
    await wizard.take();
    expect(wizard.draft).toBeNull();
    const { wizard: other } = begin(`  Bearer ${KEY} `);
    await other.take();
    expect(other.draft?.cleaned).toEqual(["spaces", "“Bearer ”"]);
  });
  it.each([
    ["", "key_empty"],
    ["pat-eu1-••••••••", "key_masked"],
    ["https://app.hubspot.com/keys", "key_is_url"],
    ["ops@example.com", "key_is_email"],
    ["0a1b2c3d-0000-4000-8000-0123456789ab", "key_is_client_secret"],
    ["na1-1234-5678-9abc", "key_is_refresh_token"],
    [`${KEY}${KEY}`, "key_twice"],
  ])("names the mistake in %j and stays where it is", async (text, code) => {
    const { wizard } = begin(text);
    await wizard.check();
    expect(wizard.mistake?.code).toBe(code);
    expect(wizard.step).toBe("prepare");
    expect(wizard.text).toBe(text);
  });
  it("warns about an odd key once, and tests it when asked again", async () => {
    const { wizard, called } = begin("tok-4c0ffee0-0000-4000");
    await wizard.check();
    expect(wizard.step).toBe("prepare");
    expect(wizard.draft?.warning).toContain("pat-");
    expect(called("start_checks")).toHaveLength(0);
    await wizard.check();
    expect(wizard.step).toBe("check");
    expect(called("start_checks")).toHaveLength(1);
  });
  it("sends the address of a test server only when there is one", async () => {
    const { wizard, called } = begin();
    wizard.apiBase = "  http://127.0.0.1:4100 ";
    await wizard.take();
    expect(called("begin_key")[0]?.request).toMatchObject({ api_base: "http://127.0.0.1:4100" });
    const other = begin();
    await other.wizard.take();
    expect(other.called("begin_key")[0]?.request).toMatchObject({ api_base: null });
  });
});

describe("the checks", () => {
  it("come in one by one and let the person go on when what must hold holds", async () => {
    const { backend, wizard, finishChecks } = begin();
    await wizard.check();
    expect(wizard.left).toBe(8);
    backend.checks.step();
    await wizard.hear({ event: "checks_changed", draft: "draft-1" });
    expect(wizard.left).toBe(7);
    expect(wizard.checks?.can_finish).toBe(false);
    await finishChecks();
    expect(wizard).toMatchObject({ left: 0, toLook: 1, broken: 0 });
    expect(wizard.checks?.can_finish).toBe(true);
    expect(wizard.name).toBe("Portal 24817305");
  });
  it("can be run again one at a time", async () => {
    const { wizard, finishChecks, called } = begin();
    await wizard.check();
    await finishChecks();
    await wizard.run(["scopes"]);
    expect(called("start_checks")[1]?.request).toEqual({ draft: "draft-1", only: ["scopes"] });
    await finishChecks();
    expect(wizard.toLook).toBe(0);
  });
  it("keep the person from going on with a key that HubSpot does not know", async () => {
    const { wizard, finishChecks } = begin("pat-eu1-revoked-0000-4000");
    await wizard.check();
    await finishChecks();
    expect(wizard.checks?.can_finish).toBe(false);
    expect(wizard.broken).toBe(1);
    await wizard.another();
    expect(wizard).toMatchObject({ step: "prepare", draft: null, checks: null, text: "" });
  });
  it("of another draft are not listened to", async () => {
    const { wizard, called } = begin();
    await wizard.check();
    await wizard.hear({ event: "checks_changed", draft: "someone else's" });
    await wizard.hear({ event: "status_changed", connection: "norrsken" });
    expect(called("checks")).toHaveLength(0);
  });
});

describe("going back and leaving", () => {
  it("loses nothing on the way back and forth", async () => {
    const { wizard, finishChecks, called } = begin();
    await wizard.check();
    await finishChecks();
    wizard.step = "choose";
    wizard.rename("Norrsken");
    wizard.allHistory = true;
    for (let i = 0; i < 3; i++) wizard.back();
    expect(wizard.step).toBe("method");
    wizard.step = "prepare";
    await wizard.check();
    expect(wizard).toMatchObject({ step: "check", name: "Norrsken", allHistory: true });
    expect(called("begin_key")).toHaveLength(1);
    expect(called("start_checks")).toHaveLength(1);
  });
  it("keeps a name the person wrote, whatever is suggested later", async () => {
    const { wizard, finishChecks } = begin();
    wizard.rename("Mine");
    await wizard.check();
    await finishChecks();
    expect(wizard.name).toBe("Mine");
  });
  it("closes at once when there is nothing to lose, and asks when there is", async () => {
    const { wizard, called } = begin("");
    expect(wizard.leave()).toBe(true);
    wizard.text = KEY;
    await wizard.take();
    expect(wizard.leave()).toBe(false);
    expect(wizard.leaving).toBe(true);
    await wizard.discard();
    expect(called("discard_draft")[0]?.request).toEqual({ draft: "draft-1" });
    expect(wizard.draft).toBeNull();
  });
});

describe("finishing", () => {
  it("makes the connection with the name and the window that were chosen", async () => {
    const { wizard, finishChecks, called } = begin();
    await wizard.check();
    await finishChecks();
    wizard.rename("  Norrsken ");
    wizard.allHistory = true;
    expect(await wizard.finish()).toBe("c1");
    expect(called("finish_connect")[0]?.request).toEqual({ draft: "draft-1", name: "Norrsken", kind: "service_key", all_history: true });
  });
  it("stays with its draft when the name is taken", async () => {
    const { backend, wizard, finishChecks } = begin();
    await wizard.check();
    await finishChecks();
    const taken: WireError = { code: "name_taken", title: "Taken.", text: "", fix: [], actions: [], technical: "" };
    backend.fail("finish_connect", taken);
    expect(await wizard.finish()).toBeNull();
    expect(wizard.error?.code).toBe("name_taken");
    backend.fail("finish_connect", null);
    expect(await wizard.finish()).toBe("c1");
  });
  it("of a reconnection starts at the key, with the account's name", () => {
    const wizard = new Wizard(new FakeBackend("auth_error"), { connection: "norrsken", name: "Norrsken Cycles", kind: "private_app", why: "reconnect", hint: "pat-eu1-…3f9c", setAt: null, allHistory: false });
    expect(wizard).toMatchObject({ step: "prepare", kind: "private_app", name: "Norrsken Cycles" });
  });
});
