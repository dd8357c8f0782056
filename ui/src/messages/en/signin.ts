// Words of signing in with one's own HubSpot app: the Prepare page, the wait, and the pages HubSpot shows meanwhile.
// Refusals that Portside itself sees bring their words from Rust; those below are only ever seen on HubSpot's own pages.
import type { ScopeSets, WireError } from "../../backend/generated/wire";
import { counted } from "../../design/format";

type Group = keyof ScopeSets;
const groups: Record<Group, string> = { required: "Required", conditional: "Conditional", optional: "Optional" };

/** A page of HubSpot from which nothing comes back: what it says, and what to do. */
interface Shown {
  seen: string;
  error: WireError;
}
const shown = (code: WireError["code"], seen: string, title: string, text: string, fix: string[], actions: WireError["actions"]): Shown => ({
  seen,
  error: { code, title, text, fix, actions, technical: "" },
});

export const signIn = {
  lead: "Your HubSpot app",
  loading: "Looking at the return ports…",
  ways: { label: "Where the app comes from", have: "I have an app", make: "Make one for me" },
  have: {
    steps: ["Open your app in HubSpot and go to its Auth page.", "Copy its client ID and client secret into the fields below.", "Register the return addresses there, and compare the permissions."],
    path: "Development → Projects → (your project) → (your app) → Auth",
    copyPath: "Copy the path",
  },
  make: {
    text: "Portside writes a HubSpot developer project with exactly these return addresses and permissions. You upload it once with HubSpot's own command line; then the two sides cannot differ.",
    folder: "Folder",
    folderNote: "An empty folder, or one that is made.",
    name: "Name of the app",
    nameNote: "How HubSpot lists it.",
    suggestion: "Portside",
    write: "Write the project",
    written: (files: number, folder: string) => `${counted(files, "file", "files")} written to ${folder}`,
    run: "Run these, in this order",
    then: "Then copy client ID and client secret from the app's Auth page into the fields below.",
    copy: (command: string) => `Copy: ${command}`,
  },
  project: {
    show: "Read my project",
    label: "Folder of your HubSpot project",
    note: "The folder with hsproject.json. Portside reads the permissions and return addresses it declares.",
    placeholder: "/…/my-hubspot-app",
    read: "Read it",
    found: (app: string, n: number) => `“${app}” declares ${counted(n, "permission", "permissions")}. They are taken over below.`,
    complete: "All return addresses are registered.",
    missing: (n: number) => (n === 1 ? "This return address is not registered on the app:" : "These return addresses are not registered on the app:"),
    copyMissing: "Copy what is missing",
  },
  id: "Client ID",
  idPlaceholder: "5ff1a2d3-…",
  secret: "Client secret",
  secretKept: "Client secret (kept)",
  secretKeptPlaceholder: "Leave empty to use the one that is kept",
  secretStays: (vault: string) => `Goes straight into your ${vault} when you continue. It is never shown again.`,
  reveal: "Hold to show the client secret",
  addresses: {
    title: (n: number) => (n === 1 ? "Return address" : "Return addresses"),
    note: (n: number) => (n === 1 ? "Register it on the app, letter by letter." : "Register all of them on the app, letter by letter. The first free one is used."),
    copy: (n: number) => (n === 1 ? "Copy it" : `Copy all ${n}`),
    free: "free",
    busy: (by: string | null) => (by ? `in use by ${by}` : "in use by another program"),
  },
  permissions: {
    title: "Permissions",
    note: "HubSpot wants both sides to agree, group by group. Tick what your app declares.",
    copy: "Copy list",
    permission: "Permission",
    groups,
    groupTitles: {
      required: "requiredScopes: every account must grant it",
      conditional: "conditionallyRequiredScopes: asked for here, not demanded by the app",
      optional: "optionalScopes: dropped silently where the account lacks the tool",
    } satisfies Record<Group, string>,
    tick: (scope: string, group: Group) => `${scope}: ${groups[group].toLowerCase()}`,
    always: "HubSpot wants it in every app.",
    foreign: "Portside has no use for it. Tick it only if your app demands it.",
    add: "Another permission of your app",
    addNote: "Type one, or paste a list.",
    addButton: "Add",
    count: (n: number) => counted(n, "permission", "permissions"),
  },
  advanced: "Advanced",
  port: "Own port",
  portNote: "Listens there instead of on the usual three ports. Register its address on the app.",
  portWrong: "A port is a number from 1024 to 65535.",
  approve: {
    lead: "Approve in HubSpot",
    text: "HubSpot opens in your browser and asks which account to connect. Choose Connect app there; this window notices by itself.",
    asks: "Asks for",
    returns: "Comes back to",
    app: "App",
    open: "Open HubSpot in your browser",
    waiting: "Waiting for HubSpot",
    exchanging: "HubSpot said yes. Fetching the access…",
    elapsed: (since: string, left: string) => `${since} so far, gives up in ${left}`,
    elapsedLabel: "Time waited",
    openAgain: "Open again",
    copyLink: "Copy link",
    pasteAddress: "Paste the address your browser ended on",
    cancel: "Cancel",
    copied: "Copied",
    strangers: (n: number) =>
      n === 1 ? "One answer that belongs to an older attempt, or to nobody, was turned away. Waiting goes on." : `${n} answers that belong to older attempts, or to nobody, were turned away. Waiting goes on.`,
    paste: {
      label: "Address your browser ended on",
      note: "It begins with http://localhost and holds “code=”. Needed only if the browser could not reach this computer.",
      take: "Use this address",
      close: "Never mind",
    },
    browser: "If nothing opened, copy the link into the browser where you use HubSpot.",
    kept: "What you typed is kept. You can close this window and continue from Home.",
  },
  hubspotShows: "HubSpot shows a page instead?",
  hubspotShowsNote: "From these pages nothing comes back here.",
  admin: (clientId: string) =>
    [
      "Hello,",
      "",
      "I would like to connect a program on my computer (Portside, it reads only) to our HubSpot account with our own app.",
      `For this I need the right to install apps, or an approval of the app with the client ID ${clientId || "(see the app)"}.`,
      "",
      "In HubSpot: Settings → Users & Teams → (my user or permission set) → Account → Settings Access → App Marketplace Access.",
      "",
      "Thank you!",
    ].join("\n"),
  shown: [
    shown(
      "scopes_insufficient",
      "“… the provided scopes are insufficient”",
      "Your app requires permissions this link did not ask for.",
      "Every permission that your app calls required must be ticked as required here.",
      ["Compare the required permissions with those of your app.", "Tick what is missing, then try again."],
      ["edit_scopes", "try_again"],
    ),
    shown(
      "scopes_mismatch",
      "“… a mismatch between the scopes in the install URL and the app's configured scopes”",
      "This link asks for a permission your app does not declare.",
      "Required, conditionally required and optional must sit in the same group on both sides.",
      ["Compare the three groups with those of your app.", "Move or untick what differs, then try again."],
      ["edit_scopes", "try_again"],
    ),
    shown(
      "redirect_mismatch",
      "“… redirect URL does not match”",
      "The return address is not registered on your app.",
      "HubSpot wants it letter by letter.",
      ["Add these addresses on your app's Auth page, exactly as they are.", "Then try again."],
      ["copy_addresses", "try_again"],
    ),
    shown(
      "no_marketplace_access",
      "“You don't have App Marketplace access”",
      "Your HubSpot user may not install apps.",
      "A Super Admin can allow it, or connect once: later reconnects need no such right while the permissions stay the same.",
      ["A Super Admin opens Settings → Users & Teams → (permission set or user) → Account → Settings Access → App Marketplace Access.", "Then try again."],
      ["copy_admin_message", "use_service_key", "try_again"],
    ),
    shown(
      "admin_approval",
      "“Request access” or “needs approval”",
      "An admin must approve this app first.",
      "HubSpot has sent the request, or offers to send it.",
      ["Ask your admin to approve it.", "Then open HubSpot again."],
      ["open_again", "copy_admin_message"],
    ),
    shown(
      "wrong_flow_claude",
      "“This account is not eligible to connect to Claude”",
      "That page belongs to another product.",
      "You opened HubSpot's own connector for Claude. Portside does not use it.",
      ["Close that tab.", "Open HubSpot from here."],
      ["open_again", "copy_link"],
    ),
  ],
};
