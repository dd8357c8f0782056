// Signing in with an own app, reconnecting, replacing a key: through the window, as people do it.
import { describe, expect, it, vi } from "vitest";
import type { FakeBackend } from "../../backend/fake";
import { signIn } from "../../backend/fake/oauth";
import { ids } from "../../design/testids";
import { byId, click, maybe, open, paste, press, settled, type } from "../../test/app";

const ID = "5ff1a2d3-7c41-4b0e-9d52-1b6f0a3c8e77";
const SECRET = "0c0ffee0-0000-4000-8000-00000000c0de";
const button = (name: string) => [...document.querySelectorAll<HTMLElement>("button")].find((one) => one.textContent?.trim() === name || one.getAttribute("aria-label") === name);
const pressed = async (name: string) => {
  const found = button(name);
  if (!found) throw new Error(`no button is called ${name}`);
  found.click();
  await settled();
};
const said = () => byId(ids.wizard).textContent ?? "";
const request = (backend: FakeBackend, name: string) => backend.calls.filter((call) => call.name === name).at(-1)?.request as Record<string, unknown> | undefined;

/** As far as the page with the fields. */
async function prepared(): Promise<FakeBackend> {
  const backend = await open("empty");
  await click(ids.buttonConnect);
  await click(ids.methodWay("oauth"));
  await click(ids.wizardNext);
  return backend;
}
/** As far as the wait. */
async function waiting(): Promise<FakeBackend> {
  const backend = await prepared();
  await type(ids.clientId, ID);
  await type(ids.clientSecret, SECRET);
  await click(ids.wizardNext);
  await click(ids.openHubspot);
  return backend;
}
async function checked(backend: FakeBackend) {
  while (backend.checks.step());
  backend.emit({ event: "checks_changed", draft: "draft-1" });
  await settled();
}

describe("preparing an app", () => {
  it("shows every return address with who is in the way, and copies all of them at once", async () => {
    await prepared();
    for (const port of [14117, 21117, 28117]) expect(said()).toContain(`http://localhost:${port}/oauth-callback`);
    expect(said()).toContain("in use by node, process 4121");
    const writeText = vi.fn(async () => {});
    Object.defineProperty(navigator, "clipboard", { value: { writeText }, configurable: true });
    await pressed("Copy all 3");
    expect(writeText).toHaveBeenCalledWith("http://localhost:14117/oauth-callback\nhttp://localhost:21117/oauth-callback\nhttp://localhost:28117/oauth-callback");
  });
  it("goes on only with a client ID and a client secret", async () => {
    await prepared();
    const next = () => (byId(ids.wizardNext) as HTMLButtonElement).disabled;
    expect(next()).toBe(true);
    await type(ids.clientId, ID);
    expect(next()).toBe(true);
    await type(ids.clientSecret, SECRET);
    expect(next()).toBe(false);
  });
  it("keeps the secret hidden but while the eye is held", async () => {
    await prepared();
    const field = byId(ids.clientSecret) as HTMLInputElement;
    await type(ids.clientSecret, SECRET);
    expect(field.type).toBe("password");
    expect(field.autocomplete).toBe("off");
    button("Hold to show the client secret")?.dispatchEvent(new Event("pointerdown", { bubbles: true }));
    await settled();
    expect(field.type).toBe("text");
    button("Hold to show the client secret")?.dispatchEvent(new Event("pointerup", { bubbles: true }));
    await settled();
    expect(field.type).toBe("password");
  });
  it("sends the permissions as they were ticked, each in one group", async () => {
    const backend = await prepared();
    const tick = async (name: string) => {
      document.querySelector<HTMLElement>(`[aria-label="${name}"]`)?.click();
      await settled();
    };
    await tick("tickets: conditional");
    await tick("settings.users.read: optional");
    const typed = [...byId(ids.wizard).querySelectorAll<HTMLInputElement>("input")].find((one) => one.placeholder === "automation");
    if (!typed) throw new Error("no field for other permissions");
    typed.value = "automation timeline";
    typed.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await settled();
    await pressed("Add");
    await tick("timeline: optional");
    await type(ids.clientId, ` ${ID} `);
    await type(ids.clientSecret, SECRET);
    await click(ids.wizardNext);
    await click(ids.openHubspot);
    const { scopes, client_id } = request(backend, "begin_oauth") as { scopes: Record<string, string[]>; client_id: string };
    expect(client_id).toBe(ID);
    expect(scopes.required).toContain("automation");
    expect(scopes.conditional).toEqual(["tickets"]);
    expect(scopes.optional).toContain("timeline");
    expect(scopes.optional).not.toContain("tickets");
    expect(scopes.optional).not.toContain("settings.users.read");
  });
  it("writes a project with the permissions that are ticked, and shows its commands", async () => {
    const backend = await prepared();
    await pressed("Make one for me");
    await type(ids.kitFolder, "/projects/app");
    await click(ids.kitWrite);
    expect(request(backend, "write_app_kit")).toMatchObject({ folder: "/projects/app", app_name: "Portside", port: null });
    expect(said()).toContain("3 files written to /projects/app");
    expect(said()).toContain("hs project upload");
    expect(button("Copy: hs project upload")).toBeDefined();
  });
  it("says why a project cannot be written", async () => {
    await prepared();
    await pressed("Make one for me");
    await type(ids.kitFolder, "/full");
    await click(ids.kitWrite);
    expect(said()).toContain("The project cannot be written there.");
  });
  it("takes the permissions over from a project, and names the addresses it lacks", async () => {
    await prepared();
    await pressed("Read my project");
    await type(ids.kitFolder, "/projects/app");
    await pressed("Read it");
    expect(said()).toContain("“Norrsken mirror” declares 6 permissions");
    expect(said()).toContain("These return addresses are not registered on the app:");
    const box = document.querySelector<HTMLInputElement>('[aria-label="crm.objects.deals.read: conditional"]');
    expect(box?.checked).toBe(true);
    // What was suggested and is not declared stays in sight, unticked.
    expect(document.querySelector<HTMLInputElement>('[aria-label="sales-email-read: optional"]')?.checked).toBe(false);
  });
  it("leads back to the field that was refused", async () => {
    await prepared();
    await type(ids.clientId, "my app");
    await type(ids.clientSecret, SECRET);
    await click(ids.wizardNext);
    await click(ids.openHubspot);
    expect(said()).toContain("This is not a client ID.");
    expect((byId(ids.clientId) as HTMLInputElement).value).toBe("my app");
    await type(ids.clientId, ID);
    await type(ids.clientSecret, "pat-eu1-4c0ffee0-0000-4000-8000-000000003f9c");
    await click(ids.wizardNext);
    await click(ids.openHubspot);
    expect(said()).toContain("This is a key, not a client secret.");
    await pressed("Use a service key");
    expect(maybe(ids.keyField)).not.toBeNull();
  });
  it("listens on an own port only when it is one", async () => {
    const backend = await prepared();
    await type(ids.clientId, ID);
    await type(ids.clientSecret, SECRET);
    const port = [...byId(ids.wizard).querySelectorAll<HTMLInputElement>("input")].find((one) => one.inputMode === "numeric" || one.getAttribute("inputmode") === "numeric");
    if (!port) throw new Error("no field for a port");
    const write = async (value: string) => {
      port.value = value;
      port.dispatchEvent(new InputEvent("input", { bubbles: true }));
      await settled();
    };
    await write("80");
    expect((byId(ids.wizardNext) as HTMLButtonElement).disabled).toBe(true);
    await write("31117");
    await click(ids.wizardNext);
    await click(ids.openHubspot);
    expect(request(backend, "begin_oauth")).toMatchObject({ port: 31117 });
  });
});

describe("approving in the browser", () => {
  it("opens the attempt's own address, waits, and goes on with the checks by itself", async () => {
    const backend = await waiting();
    expect(backend.authorized).toEqual(["a1"]);
    expect(maybe(ids.waiting)).not.toBeNull();
    backend.answerAttempt("connected");
    await settled();
    expect(byId(ids.checkRow("format")).dataset.outcome).toBe("running");
    await checked(backend);
    await click(ids.wizardNext);
    await click(ids.wizardFinish);
    expect(request(backend, "finish_connect")).toMatchObject({ draft: "draft-1", kind: "oauth" });
    expect(maybe(ids.wizard)).toBeNull();
    expect(maybe(ids.home)).not.toBeNull();
  });
  it("is not asked for twice when one only looks back, and is when something else is asked for", async () => {
    const backend = await waiting();
    backend.answerAttempt("connected");
    await settled();
    await pressed("Back");
    expect(maybe(ids.clientId)).not.toBeNull();
    await click(ids.wizardNext);
    expect(maybe(ids.checkRow("format"))).not.toBeNull();
    await pressed("Back");
    document.querySelector<HTMLElement>('[aria-label="tickets: conditional"]')?.click();
    await settled();
    await click(ids.wizardNext);
    await click(ids.openHubspot);
    expect(backend.authorized).toEqual(["a1", "a2"]);
  });
  it("keeps no secret in the page once it was taken", async () => {
    await waiting();
    expect(document.documentElement.outerHTML).not.toContain("c0ffee0");
    await pressed("Back");
    expect((byId(ids.clientSecret) as HTMLInputElement).value).toBe("");
    expect(said()).toContain("Client secret (kept)");
    expect((byId(ids.wizardNext) as HTMLButtonElement).disabled).toBe(false);
  });
  it("names HubSpot's own dead ends after 20 quiet seconds, each with what to do", async () => {
    const backend = await waiting();
    expect(said()).not.toContain("HubSpot shows a page instead?");
    const attempt = backend.oauth.attempt;
    if (!attempt) throw new Error("no attempt");
    attempt.began -= 20_000;
    backend.emit({ event: "attempt_changed", attempt: attempt.attempt });
    await settled();
    expect(said()).toContain("HubSpot shows a page instead?");
    for (const words of ["scopes are insufficient", "mismatch between the scopes", "App Marketplace access", "Request access", "eligible to connect to Claude", "redirect URL"]) expect(said()).toContain(words);
    await pressed("Edit permissions");
    expect(maybe(ids.clientId)).not.toBeNull();
    expect(backend.calls.some((call) => call.name === "cancel_oauth")).toBe(true);
  });
  it("takes the address the browser ended on", async () => {
    const backend = await waiting();
    await click(ids.pasteAddress);
    await type(ids.pasteField, "http://localhost:14117/oauth-callback?state=1");
    await pressed("Use this address");
    expect(said()).toContain("This address does not help.");
    await type(ids.pasteField, "http://localhost:14117/oauth-callback?code=abc&state=9f2c");
    await pressed("Use this address");
    expect(byId(ids.checkRow("format")).dataset.outcome).toBe("running");
    await checked(backend);
    expect(said()).toContain("Portal 24817305");
  });
  it("says that answers of nobody were turned away, and goes on waiting", async () => {
    const backend = await waiting();
    if (backend.oauth.attempt) backend.oauth.attempt.strangers = 2;
    backend.emit({ event: "attempt_changed", attempt: "a1" });
    await settled();
    expect(said()).toContain("2 answers that belong to older attempts");
    expect(maybe(ids.waiting)).not.toBeNull();
  });
  it("says what failed, and every button does something", async () => {
    const backend = await waiting();
    backend.answerAttempt("failed", signIn.denied);
    await settled();
    expect(document.querySelector("[role=alert]")?.textContent).toContain("HubSpot says no");
    await pressed("Try again");
    expect(backend.authorized).toEqual(["a1", "a2"]);
    backend.answerAttempt("failed", signIn.exchange);
    await settled();
    await pressed("Fix client secret");
    expect(document.activeElement).toBe(byId(ids.clientSecret));
    await click(ids.wizardNext);
    await click(ids.openHubspot);
    backend.answerAttempt("failed", signIn.denied);
    await settled();
    await pressed("Choose another way");
    expect(maybe(ids.methodWay("service_key"))).not.toBeNull();
  });
  it("stays with the reason when the return ports are taken, and can be pasted by hand", async () => {
    const backend = await waiting();
    backend.oauth.end("failed");
    if (backend.oauth.attempt) Object.assign(backend.oauth.attempt, { phase: "waiting", error: signIn.ports });
    backend.emit({ event: "attempt_changed", attempt: "a1" });
    await settled();
    expect(said()).toContain("14117: node, process 4121");
    expect(maybe(ids.pasteAddress)).not.toBeNull();
  });
  it("says when no browser opened, and offers the link", async () => {
    const backend = await prepared();
    backend.refuseBrowser = { code: "browser_not_opened", title: "Your browser did not open.", text: "", fix: [], actions: ["copy_link", "open_again"], technical: "" };
    await type(ids.clientId, ID);
    await type(ids.clientSecret, SECRET);
    await click(ids.wizardNext);
    await click(ids.openHubspot);
    expect(document.querySelector("[role=alert]")?.textContent).toContain("Your browser did not open.");
    backend.refuseBrowser = null;
    document.querySelector<HTMLElement>("[role=alert] .buttons > button:last-of-type")?.click();
    await settled();
    expect(backend.authorized).toEqual(["a1"]);
  });
  it("cancels, and can be started once more", async () => {
    const backend = await waiting();
    await pressed("Cancel");
    expect(backend.calls.some((call) => call.name === "cancel_oauth")).toBe(true);
    expect(maybe(ids.openHubspot)).not.toBeNull();
    await click(ids.openHubspot);
    expect(backend.authorized).toEqual(["a1", "a2"]);
  });
});

describe("setup that was not finished", () => {
  it("stays when the window is closed while it waits, and goes on at Prepare with what was typed", async () => {
    const backend = await waiting();
    await press("Escape");
    expect(maybe(ids.wizard)).toBeNull();
    expect(byId(ids.stateChip).textContent).toContain("Setup unfinished");
    await click(ids.navSetup);
    expect((byId(ids.clientId) as HTMLInputElement).value).toBe(ID);
    expect((byId(ids.clientSecret) as HTMLInputElement).value).toBe("");
    expect(said()).toContain("kept");
    await click(ids.wizardNext);
    await click(ids.openHubspot);
    expect(request(backend, "begin_oauth")).toMatchObject({ connection: "p1", client_secret: "" });
  });
  it("asks before it forgets what was only typed", async () => {
    await prepared();
    await type(ids.clientId, ID);
    await press("Escape");
    expect(document.querySelector("[role=alertdialog]")?.textContent).toContain("What you typed is forgotten");
  });
  it("says on Home why it stopped, and continues from there", async () => {
    await open("exchange");
    expect(byId(ids.home).textContent).toContain("HubSpot said yes, but the last step failed.");
    await pressed("Fix client secret");
    expect(said()).toContain("Continue setting up Norrsken Cycles");
    expect(maybe(ids.clientSecret)).not.toBeNull();
  });
});

/** A known connection, signed in to again at another portal. */
async function astray(): Promise<FakeBackend> {
  const backend = await open("uninstalled");
  await pressed("Reconnect…");
  await click(ids.wizardNext);
  await click(ids.openHubspot);
  backend.answerAttempt("failed", signIn.elsewhere);
  await settled();
  return backend;
}

describe("a connection that is there", () => {
  const OTHER = "pat-eu1-other000-0000-4000-8000-000000009b1e";
  const NEW = "pat-eu1-4c0ffee0-0000-4000-8000-000000009b1e";

  it("gets another key while the old one works: guided, compared, and told what is new", async () => {
    const backend = await open("skipped");
    await click(ids.connectionSwitch);
    await click(ids.menuReplace);
    expect(said()).toContain("Replace the key of Norrsken Cycles");
    expect(said()).toContain("keep the old key for 7 days");
    expect(said()).toContain("pat-eu1-…3f9c, 12 days old");
    await paste(ids.keyField, NEW);
    expect(request(backend, "begin_key")).toMatchObject({ connection: "norrsken" });
    await click(ids.wizardNext);
    await checked(backend);
    await click(ids.wizardNext);
    expect(byId(ids.wizardDone).textContent).toContain("pat-eu1-…9b1e, new today");
    expect(byId(ids.wizardDone).textContent).toContain("1 new permission");
    expect(byId(ids.wizardDone).textContent).toContain("tickets");
    await click(ids.wizardNext);
    expect(maybe(ids.wizard)).toBeNull();
    expect(backend.statuses).toHaveLength(1);
  });
  it("goes on syncing once it is reconnected", async () => {
    const backend = await open("auth_error");
    await pressed("Reconnect…");
    await paste(ids.keyField, NEW);
    await click(ids.wizardNext);
    await checked(backend);
    await click(ids.wizardNext);
    expect(backend.calls.some((call) => call.name === "start_sync")).toBe(true);
    await click(ids.wizardNext);
    expect(maybe(ids.home)).not.toBeNull();
  });
  it("refuses the key of another portal, which may become a connection of its own", async () => {
    const backend = await open("auth_error");
    await pressed("Reconnect…");
    await paste(ids.keyField, OTHER);
    await click(ids.wizardNext);
    await checked(backend);
    expect(said()).toContain("This key opens another portal (7654321).");
    expect((byId(ids.wizardNext) as HTMLButtonElement).disabled).toBe(true);
    await pressed("Use as new connection");
    expect(said()).toContain("This makes a connection of its own");
    expect(request(backend, "use_as_new_connection")).toEqual({ draft: "draft-1" });
    await checked(backend);
    await click(ids.wizardNext);
    expect((byId(ids.connectionName) as HTMLInputElement).value).toBe("Portal 7654321");
    await click(ids.wizardFinish);
    expect(backend.calls.filter((call) => call.name === "begin_key")).toHaveLength(1);
    expect(backend.statuses.map((one) => one.name)).toEqual(["Norrsken Cycles", "Portal 7654321"]);
  });
  it("takes another portal that was approved as a connection of its own, without signing in again", async () => {
    const backend = await astray();
    expect(document.querySelector("[role=alert]")?.textContent).toContain("HubSpot approved another portal (7654321).");
    await pressed("Use as new connection");
    await checked(backend);
    expect(said()).toContain("Portal 7654321");
    await pressed("Back");
    await click(ids.wizardNext);
    expect(maybe(ids.checkRow("format"))).not.toBeNull();
    await click(ids.wizardNext);
    await click(ids.wizardFinish);
    expect(backend.authorized).toEqual(["a1"]);
    expect(request(backend, "finish_connect")).toMatchObject({ draft: "draft-1", name: "Portal 7654321" });
    expect(backend.calls.some((call) => call.name === "discard_draft")).toBe(false);
  });
  it("lets go of another portal that was approved and is not wanted", async () => {
    const backend = await astray();
    await press("Escape");
    expect(maybe(ids.wizard)).toBeNull();
    expect(request(backend, "discard_draft")).toEqual({ draft: "draft-1" });
  });
  it("says why another portal could not be taken, and takes it once keys have a place", async () => {
    const backend = await astray();
    backend.fail("use_as_new_connection", { code: "keychain_locked", title: "Your system keychain is locked.", text: "", fix: [], actions: ["use_encrypted_file"], technical: "" });
    await pressed("Use as new connection");
    expect(said()).toContain("Your system keychain is locked.");
    backend.fail("use_as_new_connection", null);
    await pressed("Use encrypted file…");
    await type(ids.passphrase, "eleven blue cups");
    await type(ids.passphraseAgain, "eleven blue cups");
    byId(ids.keyFile).querySelector("form")?.requestSubmit();
    await settled();
    expect(byId(ids.checkRow("format")).dataset.outcome).toBe("running");
    expect(backend.authorized).toEqual(["a1"]);
  });
  it("that was signed in signs in again, with everything kept", async () => {
    const backend = await open("uninstalled");
    await pressed("Reconnect…");
    expect((byId(ids.wizardNext) as HTMLButtonElement).disabled).toBe(false);
    await click(ids.wizardNext);
    await click(ids.openHubspot);
    expect(request(backend, "begin_oauth")).toMatchObject({ connection: "norrsken", client_secret: "" });
    backend.answerAttempt("connected");
    await settled();
    await checked(backend);
    await click(ids.wizardNext);
    expect(byId(ids.wizardDone).textContent).toContain("Reconnected");
  });
  it("asks for more permissions, and names what was gained", async () => {
    const backend = await open("oauth");
    await click(ids.connectionSwitch);
    await click(ids.menuGrow);
    expect(said()).toContain("Add permissions to Norrsken Cycles");
    await click(ids.wizardNext);
    await click(ids.openHubspot);
    backend.answerAttempt("connected");
    await settled();
    await checked(backend);
    await click(ids.wizardNext);
    expect(byId(ids.wizardDone).textContent).toContain("3 new permissions");
  });
});
