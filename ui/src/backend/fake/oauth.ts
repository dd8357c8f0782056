// The pretend way in with the user's own app: what to prepare, one attempt at a time, the app kit on a pretend disk.
import type { AppKit, AppKitFound, BeginOauth, OauthAttempt, OauthSetup, ReadAppKit, WireError, WriteAppKit } from "../generated/wire";
import { suggested } from "./permissions";

const say = (code: WireError["code"], title: string, text: string, fix: string[], actions: WireError["actions"], technical = ""): WireError => ({ code, title, text, fix, actions, technical });

export const signIn = {
  clientId: say("client_id_wrong", "This is not a client ID.", "A client ID looks like 5ff1a2d3-…: five groups of digits and letters.", ["In HubSpot, open your app, then its Auth settings.", "Copy the client ID and paste it here."], ["paste_again"]),
  isKey: say("secret_is_key", "This is a key, not a client secret.", "Keys begin with pat- and need no app.", ["Connect with the key instead, or paste your app's client secret here."], ["use_service_key", "paste_again"]),
  noSecret: say("client_secret_wrong", "This is not a client secret.", "The field is empty.", ["In HubSpot, open your app, then its Auth settings.", "Choose Show next to the client secret, copy it and paste it here."], ["paste_again"]),
  denied: say("user_denied", "HubSpot says no: the user denied access.", "Nothing was connected.", ["Open HubSpot again and choose Connect app, or choose another way in."], ["try_again", "choose_other_way"], "callback error=access_denied"),
  exchange: say("exchange_failed", "HubSpot said yes, but the last step failed.", "HubSpot does not accept this client secret.", ["What you typed is kept.", "Mend the cause, then try again."], ["try_again", "fix_client_secret"], "400 BAD_CLIENT_SECRET · POST /oauth/2026-03/token"),
  elsewhere: say("wrong_account", "HubSpot approved another portal (7654321).", "“Norrsken Cycles” keeps to its portal (24817305).", ["Choose the account of “Norrsken Cycles” on HubSpot's page, or connect this one under a name of its own."], ["use_as_new_connection", "try_again"]),
  ports: say("port_busy", "Another program uses the return ports.", "14117: node, process 4121. 21117: node, process 4121. 28117: node, process 4121.", ["Close it and try again, or choose another port and register its address on your app."], ["try_again"]),
  timeout: say("callback_timeout", "We stopped waiting.", "Nothing came back from HubSpot within ten minutes. Nothing was changed there or here.", ["Start again when you are ready."], ["start_again"]),
  unusable: say("callback_unusable", "This address does not help.", "It holds no code.", ["Copy the whole address of the page your browser ended on; it begins with http://localhost."], ["paste_address"]),
  folder: say("app_kit_folder", "The project cannot be written there.", "There is already an app file with other content.", ["Choose an empty folder that you may write to."], []),
  unreadable: say("app_kit_unreadable", "There is no HubSpot project that could be read.", "The folder holds no hsproject.json.", ["Choose the folder with hsproject.json, or its app-hsmeta.json."], []),
} satisfies Record<string, WireError>;

const address = (port: number) => `http://localhost:${port}/oauth-callback`;
const PORTS = [14117, 21117, 28117];

export class PretendOauth {
  /** What is kept for each connection in `pending_setup`. The secret itself is nowhere. */
  readonly kept = new Map<string, Pick<OauthSetup, "client_id" | "has_secret" | "scopes" | "port">>();
  attempt: (OauthAttempt & { began: number }) | null = null;
  busy = 21117;
  #next = 1;

  setup(connection: string | null): OauthSetup {
    const kept = connection ? this.kept.get(connection) : undefined;
    const known = kept ?? { client_id: "", has_secret: false, scopes: suggested(), port: null };
    const ports = known.port ? [known.port] : PORTS;
    return { ...structuredClone(known), redirects: ports.map((port) => ({ port, address: address(port), free: port !== this.busy, taken_by: port === this.busy ? "node, process 4121" : null })) };
  }

  begin(request: BeginOauth, connection: string): OauthAttempt {
    const before = this.kept.get(connection);
    if (!/^[0-9a-f-]{30,}$/i.test(request.client_id)) throw signIn.clientId;
    if (request.client_secret.startsWith("pat-")) throw signIn.isKey;
    if (request.client_secret === "" && !before?.has_secret) throw signIn.noSecret;
    this.kept.set(connection, { client_id: request.client_id, has_secret: true, scopes: request.scopes, port: request.port });
    const port = request.port ?? PORTS[0] ?? 0;
    const query = new URLSearchParams({ client_id: request.client_id, redirect_uri: address(port), scope: [...request.scopes.required, ...request.scopes.conditional].join(" "), state: "9f2c" });
    this.attempt = {
      attempt: `a${this.#next++}`, connection, phase: "waiting", authorize_url: `https://app.hubspot.com/oauth/authorize?${query}`, redirect_address: address(port),
      elapsed: 0, left: 600, strangers: 0, error: null, draft: null, began: Date.now(),
    };
    return this.answer(this.attempt.attempt);
  }

  answer(attempt: string): OauthAttempt {
    const known = this.attempt;
    if (known?.attempt !== attempt) throw say("bad_request", "This cannot be done.", "This attempt is over.", [], []);
    const { began, ...rest } = known;
    const elapsed = Math.floor((Date.now() - began) / 1000);
    return { ...rest, elapsed, left: Math.max(0, 600 - elapsed) };
  }

  paste(attempt: string, pasted: string): OauthAttempt {
    if (!pasted.includes("code=")) throw signIn.unusable;
    this.end("connected");
    return this.answer(attempt);
  }

  /** HubSpot's answer, as a test wants it. */
  end(phase: "connected" | "failed" | "cancelled", error: WireError | null = null): void {
    const draft = phase === "connected" || error?.code === "wrong_account" ? "draft-1" : null;
    if (this.attempt) Object.assign(this.attempt, { phase, error, draft });
  }

  write({ folder, app_name, port }: WriteAppKit): AppKit {
    if (folder.includes("full")) throw signIn.folder;
    const files = ["hsproject.json", "src/app/app-hsmeta.json", port ? `README.md (port ${port})` : "README.md"];
    return { folder, files, commands: ["npm install -g @hubspot/cli", "hs account auth", `cd "${folder}"`, "hs project upload", `hs project open   # ${app_name} → Auth`] };
  }

  read({ folder }: ReadAppKit): AppKitFound {
    if (!folder.includes("app")) throw signIn.unreadable;
    return { app_name: "Norrsken mirror", scopes: { required: ["oauth", "crm.objects.contacts.read", "crm.objects.companies.read"], conditional: ["crm.objects.deals.read"], optional: ["tickets", "automation"] }, redirects: [address(14117)], missing_redirects: [address(21117), address(28117)] };
  }
}
