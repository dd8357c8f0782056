// The pretend wizard: paste rules and eight checks that stream in.
import type { CheckRow, Checks, KeyDraft, WireError } from "../generated/wire";

const refuse = (code: WireError["code"], title: string, text: string): WireError => ({ code, title, text, fix: [], actions: ["paste_again"], technical: "" });

/** The mistakes people make, named before any network call. */
export function readKey(pasted: string): KeyDraft {
  const cleaned: string[] = [];
  let text = pasted;
  const take = (what: string, pattern: RegExp) => {
    const left = text.replace(pattern, "");
    if (left !== text) cleaned.push(what);
    text = left;
  };
  take("spaces", /^\s+|\s+$/g);
  take("“Authorization:”", /^authorization:\s*/i);
  take("“Bearer ”", /^bearer\s+/i);
  take("quotes", /^["'`“]+|["'`”]+$/g);
  take("line breaks", /[\r\n]+/g);
  if (text === "") throw refuse("key_empty", "There is no key yet.", "Paste the key that HubSpot showed you.");
  if (/[•*]{3}/.test(text)) throw refuse("key_masked", "This is the masked key.", "HubSpot shows dots until you press “Show”. Press “Copy” there instead.");
  if (/^https?:/i.test(text)) throw refuse("key_is_url", "This is an address, not a key.", "Open it, press “Show” and copy the key itself.");
  if (/^[^@\s]+@[^@\s]+$/.test(text)) throw refuse("key_is_email", "This is an e-mail address, not a key.", "Keys are made in HubSpot; signing in with a password is not possible.");
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)) throw refuse("key_is_client_secret", "This looks like a client ID or a client secret.", "Copy the access token instead.");
  if (/^(na1|eu1|ap1)-/.test(text)) throw refuse("key_is_refresh_token", "This looks like a refresh token.", "Copy the access token instead; it starts with pat-.");
  if (/pat-.*pat-/.test(text)) throw refuse("key_twice", "The key was pasted twice.", "Clear the field and paste once.");
  if (text.length < 12 || /\s/.test(text)) throw refuse("key_rubbish", "This does not look like a key.", "It is too short, or has spaces inside.");
  const known = text.startsWith("pat-");
  return {
    draft: "draft-1",
    hint: known ? `${text.slice(0, 7)}-…${text.slice(-4)}`.replace("--", "-") : `…${text.slice(-4)}`,
    cleaned,
    warning: known ? null : "This does not start with pat-. Most HubSpot keys do. You can test it anyway.",
  };
}

const plan: [id: string, label: string, sentence: string, ms: number][] = [
  ["format", "Key format", "Looks like a key: pat-eu1-…3f9c", 2],
  ["keychain", "Kept in your system keychain", "Your system keychain keeps and returns what it is given.", 11],
  ["reachable", "HubSpot can be reached", "Reached; the clocks agree.", 84],
  ["accepted", "HubSpot accepts the key", "HubSpot accepted pat-eu1-…3f9c", 180],
  ["scopes", "Read permissions", "11 of 12 record types can be read; not Tickets.", 120],
  ["counts", "Records", "Contacts 1,204,331, Companies 84,044, Deals 53,012", 410],
  ["properties", "Property definitions", "Contacts 399, Companies 247, Deals 190", 3100],
  ["budget", "Request budget", "190 requests in 10 s; today 31,402 of 625,000 used.", 60],
];

const missing: WireError = {
  code: "missing_scope",
  title: "The permission “tickets” is missing.",
  text: "Everything else is copied without it.",
  fix: ["Open the key in HubSpot.", "Add the permission “tickets” and save.", "Check again."],
  actions: ["open_keys_in_hubspot", "check_again"],
  technical: "missing: tickets",
};
const elsewhere: WireError = {
  code: "wrong_account",
  title: "This key opens another portal (7654321).",
  text: "“Norrsken Cycles” keeps to its portal, 24817305.",
  fix: ["Paste a key of the same portal, or connect this one under a new name."],
  actions: ["use_as_new_connection", "paste_again"],
  technical: "",
};
const noKeychain: WireError = {
  code: "keychain_missing",
  title: "No system keychain could be found.",
  text: "Keys are never written in plain text, so one is needed.",
  fix: ["On a desktop: install and start a keychain (GNOME Keyring, KWallet)."],
  actions: ["try_again", "use_encrypted_file"],
  technical: "org.freedesktop.DBus.Error.ServiceUnknown",
};
const unknown: WireError = {
  code: "token_invalid",
  title: "HubSpot does not know this key.",
  text: "It was deactivated, rotated or cut off while copying. Compare the last 4 characters: 3f9c.",
  fix: ["Open the key in HubSpot and press “Show”.", "Copy it again."],
  actions: ["paste_again", "open_keys_in_hubspot"],
  technical: "401 INVALID_AUTHENTICATION · correlation 0a1b2c3d-4455 · POST /oauth/v2/private-apps/get/access-token-info",
};

/** A run of checks; each `step` moves it one row on. */
export class PretendChecks {
  rows: CheckRow[] = plan.map(([id, label]) => ({ id, label, outcome: "next", sentence: "", ms: null, error: null }));
  granted = false;
  /** What the key may read that the one before could not. */
  gained: string[] = [];
  /** The key of another portal than the connection's. */
  other = false;
  /** Whose key it is. */
  portal = "24817305";
  /** Nothing on this computer keeps secrets. */
  noKeychain = false;
  constructor(readonly revoked: boolean) {}

  begin(only: string[]): void {
    for (const row of this.rows) {
      if (only.length === 0 || only.includes(row.id)) Object.assign(row, { outcome: "next", sentence: "", ms: null, error: null });
    }
    if (only.includes("scopes")) this.granted = true;
  }

  /** False once there is nothing left to do. */
  step(): boolean {
    const running = this.rows.find((row) => row.outcome === "running");
    if (running) this.#finish(running);
    const next = this.rows.find((row) => row.outcome === "next");
    if (next) next.outcome = "running";
    return next !== undefined;
  }

  #finish(row: CheckRow): void {
    const [, , sentence, ms] = plan.find(([id]) => id === row.id) ?? ["", "", "", 1];
    Object.assign(row, { outcome: "good", sentence, ms });
    if (row.id === "scopes" && !this.granted) Object.assign(row, { outcome: "look", error: missing });
    if (row.id === "scopes" && this.granted) row.sentence = "All 12 record types can be read.";
    if (this.noKeychain && row.id === "keychain") Object.assign(row, { outcome: "broken", sentence: noKeychain.title, error: noKeychain });
    if (this.other && row.id === "accepted") Object.assign(row, { outcome: "broken", sentence: elsewhere.title, error: elsewhere });
    if (!this.revoked) return;
    const at = this.rows.indexOf(row);
    if (row.id === "accepted") Object.assign(row, { outcome: "broken", sentence: unknown.title, error: unknown });
    else if (at > 3 && row.id !== "format") Object.assign(row, { outcome: "skipped", sentence: "Needs an accepted key", ms: null, error: null });
  }

  answer(draft: string): Checks {
    const settled = (id: string) => ["good", "look"].includes(this.rows.find((row) => row.id === id)?.outcome ?? "");
    const known = settled("accepted");
    return {
      draft,
      rows: this.rows.map((row) => ({ ...row })),
      portal: known ? { portal: this.portal, account: "standard account", region: "eu1", ui_domain: "app-eu1.hubspot.com", time_zone: "Europe/Oslo", currency: "EUR" } : null,
      can_finish: ["format", "keychain", "reachable", "accepted"].every(settled) && !this.rows.some((row) => row.outcome === "running" || row.outcome === "next"),
      running: this.rows.some((row) => row.outcome === "running" || row.outcome === "next"),
      suggested_name: known ? `Portal ${this.portal}` : "",
      gained: known ? [...this.gained] : [],
      first_look: settled("counts") ? "Élodie Marchand, Directrice des achats · Atelier Cycle Lyon · Flotte gravel 2027, €75,000" : null,
    };
  }
}
