import { describe, expect, it } from "vitest";
import type { FakeBackend } from "../../backend/fake";
import type { WireError } from "../../backend/generated/wire";
import { ids } from "../../design/testids";
import { byId, click, maybe, open, paste, settled, type } from "../../test/app";

const KEY = "pat-eu1-4c0ffee0-0000-4000-8000-000000003f9c";
const disabled = (id: string) => (byId(id) as HTMLButtonElement).disabled;

async function press(name: string): Promise<void> {
  [...document.querySelectorAll<HTMLElement>("button")].find((one) => one.textContent?.trim() === name)?.click();
  await settled();
}
async function checked(backend: FakeBackend): Promise<void> {
  while (backend.checks.step());
  backend.emit({ event: "checks_changed", draft: "draft-1" });
  await settled();
}

describe("without a keychain", () => {
  it("an encrypted file is offered, and the wizard goes on once it has its passphrase", async () => {
    const backend = await open("empty");
    await click(ids.buttonConnect);
    await click(ids.wizardNext);
    await paste(ids.keyField, KEY);
    await click(ids.wizardNext);
    backend.checks.noKeychain = true;
    await checked(backend);
    expect(disabled(ids.wizardNext)).toBe(true);
    await press("Use encrypted file…");
    await type(ids.passphrase, "too short");
    expect(byId(ids.keyFile).textContent).toContain("Too short");
    await type(ids.passphrase, "eleven blue cups");
    await type(ids.passphraseAgain, "eleven blue mugs");
    expect(byId(ids.keyFile).textContent).toContain("The two differ");
    expect(disabled(ids.keyFileSave)).toBe(true);
    await type(ids.passphraseAgain, "eleven blue cups");
    byId(ids.keyFile).querySelector("form")?.requestSubmit();
    await settled();
    expect(backend.calls.filter((call) => call.name === "use_encrypted_file").map((call) => call.request)).toEqual([{ passphrase: "eleven blue cups" }]);
    expect(maybe(ids.keyFile)).toBeNull();
    expect(backend.calls.filter((call) => call.name === "start_checks").at(-1)?.request).toEqual({ draft: "draft-1", only: ["keychain"] });
    await checked(backend);
    expect(disabled(ids.wizardNext)).toBe(false);
    expect(document.documentElement.outerHTML).not.toContain("eleven blue cups");
  });
});

describe("the way back to the keychain", () => {
  const refused: WireError = { code: "keychain_locked", title: "Your system keychain is locked.", text: "Nothing was moved: your keys are still in the encrypted file.", fix: [], actions: ["try_again"], technical: "" };
  const filed = async (scenario: "active" | "locked" = "active") => {
    const backend = await open(scenario, (backend) => (backend.vault = "encrypted file"));
    if (scenario === "locked") await press("Not now");
    await click(ids.settingsOpen);
    await click(ids.keychainOpen);
    return backend;
  };

  it("is offered only while keys are in a file that can be left", async () => {
    await open("active");
    await click(ids.settingsOpen);
    expect(maybe(ids.keychainOpen)).toBeNull();
    expect(byId(ids.home).textContent).not.toContain("Move…");
  });
  it("says what will happen, moves all keys, and is offered no more", async () => {
    const backend = await filed();
    expect(byId(ids.keychain).textContent).toContain("Each key is read back and compared before the file is deleted.");
    byId(ids.keychain).querySelector("form")?.requestSubmit();
    await settled();
    expect(backend.vault).toBe("system keychain");
    expect(maybe(ids.keychain)).toBeNull();
    expect(byId(ids.home).textContent).not.toContain("Move…");
  });
  it("that fails says that nothing was moved, and can be tried again", async () => {
    const backend = await filed();
    backend.fail("use_keychain", refused);
    byId(ids.keychain).querySelector("form")?.requestSubmit();
    await settled();
    expect(document.querySelector("[role=alert]")?.textContent).toContain("your keys are still in the encrypted file");
    expect(backend.vault).toBe("encrypted file");
    backend.fail("use_keychain", null);
    await press("Try again");
    expect(backend.vault).toBe("system keychain");
    expect(maybe(ids.keychain)).toBeNull();
  });
  it("of a locked file asks for the passphrase first", async () => {
    const backend = await filed("locked");
    byId(ids.keychain).querySelector("form")?.requestSubmit();
    await settled();
    [...byId(ids.keychain).querySelectorAll<HTMLElement>("button")].find((one) => one.textContent?.trim() === "Unlock…")?.click();
    await settled();
    await type(ids.passphrase, backend.passphrase);
    byId(ids.unlock).querySelector("form")?.requestSubmit();
    await settled();
    await click(ids.settingsOpen);
    await click(ids.keychainOpen);
    byId(ids.keychain).querySelector("form")?.requestSubmit();
    await settled();
    expect(backend.vault).toBe("system keychain");
  });
});

describe("a locked encrypted file", () => {
  it("is asked for once, can wait, and opens with its passphrase only", async () => {
    const backend = await open("active");
    backend.vaultLocked = true;
    backend.emit({ event: "connections_changed" });
    await settled();
    await type(ids.passphrase, "twelve green mugs");
    byId(ids.unlock).querySelector("form")?.requestSubmit();
    await settled();
    expect(byId(ids.unlock).textContent).toContain("does not open the file");
    await press("Not now");
    expect(maybe(ids.unlock)).toBeNull();
    await press("Unlock…");
    await type(ids.passphrase, backend.passphrase);
    byId(ids.unlock).querySelector("form")?.requestSubmit();
    await settled();
    expect(maybe(ids.unlock)).toBeNull();
    expect(backend.vaultLocked).toBe(false);
  });
});
