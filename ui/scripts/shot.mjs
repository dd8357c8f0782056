// Pictures of every screen on the pretend backend, light and dark, in both window sizes. Usage: node scripts/shot.mjs [word…]
// Needs `npm run preview:build` first; words pick pictures by name.
import { createReadStream, existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ui = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(ui, "dist-preview");
const out = join(ui, "shots");
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml" };
const id = (name) => `[data-testid="${name}"]`;

const wizard = async (page, key) => {
  await page.click(id("button-connect"));
  await page.click(id("wizard-next"));
  if (key) await page.fill(id("key-field"), key);
};
const checked = async (page, key, rows) => {
  await wizard(page, key);
  await page.click(id("wizard-next"));
  if (rows) await page.waitForFunction((n) => document.querySelectorAll("[data-outcome=good],[data-outcome=look],[data-outcome=broken],[data-outcome=skipped]").length >= n, rows);
};
const KEY = "pat-eu1-4c0ffee0-0000-4000-8000-00000000f3f9c";

const app = async (page) => {
  await page.click(id("button-connect"));
  await page.check(id("method-oauth"), { force: true });
  await page.click(id("wizard-next"));
  await page.waitForSelector(id("client-id"));
};
const waiting = async (page) => {
  await app(page);
  await page.fill(id("client-id"), "5ff1a2d3-7c41-4b0e-9d52-1b6f0a3c8e77");
  await page.fill(id("client-secret"), "0c0ffee0-0000-4000-8000-00000000c0de");
  await page.click(id("wizard-next"));
  await page.click(id("open-hubspot"));
  await page.waitForSelector(id("waiting"));
};
const later = async (page, act) => {
  await page.clock.install();
  await act(page);
  await page.clock.fastForward(47_000);
};
const menu = async (page, entry) => (await page.click(id("connection-switch")), await page.click(id(entry)));

/** name, scenario, what to do, whether the pretend portal moves. */
const pictures = [
  ["first-run", "empty"],
  ["wizard-method", "empty", (page) => page.click(id("button-connect"))],
  ["wizard-prepare", "empty", (page) => wizard(page)],
  ["wizard-mistake", "empty", async (page) => (await wizard(page, "ops@norrsken.example"), await page.click(id("wizard-next")), await page.waitForSelector(`${id("wizard")} [role=group]`))],
  ["wizard-taken", "empty", async (page) => (await wizard(page, ' "Bearer tok-4c0ffee0-0000-4000" '), await page.click(id("wizard-next")))],
  ["wizard-checking", "empty", (page) => checked(page, KEY, 5), true],
  ["wizard-check", "empty", (page) => checked(page, KEY, 8), true],
  ["wizard-broken", "empty", (page) => checked(page, "pat-eu1-revoked-4c0ffee0-0000-4000", 8), true],
  ["wizard-choose", "empty", async (page) => (await checked(page, KEY, 8), await page.click(id("wizard-next"))), true],
  ["signin-method", "empty", async (page) => (await page.click(id("button-connect")), await page.check(id("method-oauth"), { force: true }))],
  ["signin-prepare", "empty", app],
  ["signin-scopes", "empty", async (page) => (await app(page), await page.locator(id("scope-row-tickets")).scrollIntoViewIfNeeded())],
  ["signin-kit", "empty", async (page) => (await app(page), await page.click("text=Make one for me"), await page.fill(id("kit-folder"), "/projects/portside-app"), await page.click(id("kit-write")))],
  ["signin-project", "empty", async (page) => (await app(page), await page.click("text=Read my project"), await page.fill(id("kit-folder"), "/projects/portside-app"), await page.click("text=Read it"))],
  ["signin-mistake", "empty", async (page) => (await app(page), await page.fill(id("client-id"), "my app"), await page.fill(id("client-secret"), "x-1"), await page.click(id("wizard-next")), await page.click(id("open-hubspot")), await page.waitForSelector(id("client-id")))],
  ["signin-approve", "empty", async (page) => (await app(page), await page.fill(id("client-id"), "5ff1a2d3-7c41-4b0e-9d52-1b6f0a3c8e77"), await page.fill(id("client-secret"), "0c0ffee0-0000"), await page.click(id("wizard-next")))],
  ["signin-waiting", "empty", waiting],
  ["signin-quiet", "empty", (page) => later(page, waiting)],
  ["signin-quiet-open", "empty", (page) => later(page, async (p) => (await waiting(p), await p.click(id("paste-address")))).then(() => page.click("text=provided scopes are insufficient"))],
  ["signin-setup", "pending", (page) => page.click(id("nav-setup"))],
  ["rotate", "skipped", (page) => menu(page, "menu-replace")],
  ["reconnect", "auth_error", (page) => menu(page, "menu-reconnect")],
  ["rotate-done", "skipped", async (page) => (await menu(page, "menu-replace"), await page.fill(id("key-field"), KEY), await page.click(id("wizard-next")), await page.waitForFunction(() => document.querySelectorAll("[data-outcome=good],[data-outcome=look]").length >= 8), await page.click(id("wizard-next")), await page.waitForSelector(id("wizard-done"))), true],
  ["doctor-running", "active", async (page) => (await page.click(id("nav-doctor")), await page.waitForTimeout(1400)), true],
  ["doctor", "skipped", async (page) => (await page.click(id("nav-doctor")), await page.waitForFunction(() => document.querySelector("[data-outcome=running],[data-outcome=next]") === null && document.querySelector("[data-outcome=fine]")), await page.click("[aria-label='What to do: Permissions']")), true],
  ["doctor-requests", "two", async (page) => (await page.click(id("nav-doctor")), await page.locator(id("request-log")).scrollIntoViewIfNeeded())],
  ["bundle", "active", async (page) => (await page.click(id("nav-doctor")), await page.click(id("bundle-open")), await page.click("[role=tab] >> nth=1"))],
  ["permissions", "skipped", (page) => page.click(id("permissions-open"))],
  ["permissions-app", "oauth", (page) => page.click(id("permissions-open"))],
  ["trouble", "demo", async (page) => (await page.click(id("trouble-open")), await page.click(`${id("trouble-rate_limited")} [role=switch]`))],
  ["plan-first", "unstarted", (page) => page.click(id("plan-more"))],
  ["plan-full", "active", async (page) => (await page.click("[aria-label='More ways to sync']"), await page.click("[role=menuitem]"), await page.click(id("plan-more")))],
  ["home-cards", "active", (page) => page.locator(id("proof")).scrollIntoViewIfNeeded()],
  ["home-differs", "differs", (page) => page.locator(id("proof")).scrollIntoViewIfNeeded()],
  ["home-importing-cards", "backfilling", (page) => page.locator(id("proof")).scrollIntoViewIfNeeded()],
  ["pause-menu", "backfilling", (page) => page.click(id("pause-more"))],
  ["proof-types", "differs", (page) => page.click(id("proof-types"))],
  ["proof-deep", "active", async (page) => (await page.click("[aria-label='How to verify']"), await page.click("[role=menuitem] >> nth=1"))],
  ["settings", "active", (page) => page.click(id("settings-open"))],
  ["settings-changed", "active", async (page) => (await page.click(id("settings-open")), await page.fill(`${id("setting-cadence_minutes")} input`, "30"), await page.keyboard.press("Enter"), await page.fill(`${id("setting-quiet_hours")} input`, "night"), await page.keyboard.press("Enter"))],
  ["key-file", "empty", async (page) => (await wizard(page, "pat-eu1-nokeychain-0000-4000"), await page.click(id("wizard-next")), await page.click("text=Use encrypted file…"), await page.fill(id("passphrase"), "eleven blue cups"), await page.fill(id("passphrase-again"), "eleven blue m")), true],
  ["unlock", "locked"],
  ["wizard-leave", "empty", async (page) => (await wizard(page, "pat-eu1-x"), await page.keyboard.press("Escape"))],
  ...["backfilling", "active", "rate_limited", "auth_error", "skipped", "counting", "paused", "stale", "setup_error", "error", "offline", "pending", "inactive", "syncing", "two", "exchange", "uninstalled", "oauth"].map((name) => [`home-${name}`, name]),
  ["home-demo", "demo", (page) => page.waitForTimeout(4000), true],
  ["home-finished", "demo", (page) => page.waitForSelector(id("finish-card"), { timeout: 120_000 }), true],
  ["menu", "two", (page) => page.click(id("connection-switch"))],
  ["needs-open", "auth_error", (page) => page.click("[aria-expanded]:not([aria-haspopup])")],
  ["disconnect", "active", async (page) => (await page.click(id("connection-switch")), await page.click(id("menu-disconnect")), await page.waitForSelector(id("disconnect-wipe")))],
  ["shortcuts", "active", (page) => page.keyboard.press("?")],
  ["rename", "active", async (page) => (await page.click(id("connection-switch")), await page.click("text=Rename…"))],
  ["records", "active", async (page) => (await page.click(id("nav-records")), await page.waitForTimeout(900))],
  ["record", "active", async (page) => (await page.click(id("nav-records")), await page.waitForTimeout(900), await page.keyboard.press("Enter"), await page.waitForTimeout(500))],
];

const server = createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname)).replace(/^\/+/, "") || "index.html";
  const file = join(root, path);
  if (!file.startsWith(root) || !existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(response);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const base = `http://127.0.0.1:${server.address().port}`;
mkdirSync(out, { recursive: true });

const words = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
for (const [width, height] of process.env.SIZE ? [process.env.SIZE.split("x").map(Number)] : [[1280, 800], [960, 600]]) {
  for (const theme of ["light", "dark"]) {
    for (const [name, scenario, act, live] of pictures) {
      const file = `${name}-${theme}-${width}x${height}.png`;
      if (words.length > 0 && !words.some((word) => file.includes(word))) continue;
      const page = await browser.newPage({ viewport: { width, height } });
      page.on("pageerror", (error) => console.error(file, error.message));
      page.on("console", (message) => message.type() === "error" && console.error(file, message.text()));
      await page.goto(`${base}/index.html?fake=${scenario}&theme=${theme}${live ? "" : "&still"}`);
      await page.waitForSelector("h1");
      await act?.(page);
      await page.waitForTimeout(150);
      await page.screenshot({ path: join(out, file) });
      await page.close();
    }
  }
}
await browser.close();
server.close();
