import axe from "axe-core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { FakeBackend, Scenario } from "../backend/fake";
import type { WireError } from "../backend/generated/wire";
import { byId, click, maybe, open, press, settled, type } from "../test/app";

// The whole window is drawn here, which takes its time on a busy computer.
vi.setConfig({ testTimeout: 60_000 });

const VIEW = { width: 1_072, height: 28 + 22 * 28 };
const refusal: WireError = { code: "database_damaged", title: "This copy could not be read.", text: "", fix: [], actions: ["try_again"], technical: "" };

/** The next frame has been drawn, and what it asked for has come and been drawn too. */
async function drawn(): Promise<void> {
  for (let frames = 0; frames < 3; frames++) {
    await settled();
    await new Promise((ready) => requestAnimationFrame(ready));
  }
}
async function records(scenario: Scenario, most = 900): Promise<FakeBackend> {
  const backend = await open(scenario);
  for (const one of backend.statuses[0]?.objects ?? []) one.filled = Math.min(one.filled, most);
  await click("nav-records");
  await drawn();
  return backend;
}
const grid = (): HTMLElement => byId("grid");
const rows = (): HTMLElement[] =>
  [...document.querySelectorAll<HTMLElement>('[data-testid="grid-row"]')].filter((row) => !row.hidden).sort((a, b) => Number(a.getAttribute("aria-rowindex")) - Number(b.getAttribute("aria-rowindex")));
const indexes = (): number[] => rows().map((row) => Number(row.getAttribute("aria-rowindex")));
const current = (): HTMLElement | null => document.getElementById(grid().getAttribute("aria-activedescendant") ?? "");
const text = (within: string): string => document.querySelector(within)?.textContent?.replace(/\s+/g, " ").trim() ?? "";
const calls = (backend: FakeBackend, name: string): Record<string, unknown>[] => backend.calls.filter((call) => call.name === name).map((call) => call.request as Record<string, unknown>);
async function keys(...pressed: (string | [string, KeyboardEventInit])[]): Promise<void> {
  for (const key of pressed) await (typeof key === "string" ? press(key) : press(...key));
  await drawn();
}
async function scrollTo(px: number): Promise<void> {
  grid().scrollTop = px;
  grid().dispatchEvent(new Event("scroll"));
  await drawn();
}

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockImplementation(function (this: HTMLElement) {
    return this.getAttribute("role") === "grid" ? VIEW.height : 0;
  });
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockImplementation(function (this: HTMLElement) {
    return this.getAttribute("role") === "grid" ? VIEW.width : 0;
  });
});

describe("a million rows", () => {
  it("are counted in full, scrolled from end to end, and shown by forty elements", async () => {
    const backend = await records("active", 1_000_000);
    expect(grid().getAttribute("aria-rowcount")).toBe("1000000");
    const { height } = (document.querySelector(".space") as HTMLElement).style;
    expect(parseFloat(height)).toBeLessThanOrEqual(8_000_028);

    await scrollTo(4_000_000);
    expect(Math.abs((indexes()[0] ?? 0) - 500_000)).toBeLessThan(60);
    expect(rows().every((row) => row.getAttribute("aria-busy") === null)).toBe(true);
    const middle = indexes();
    await scrollTo(4_000_084);
    expect(indexes()[0]).toBe((middle[0] ?? 0) + 3);

    await scrollTo(8_000_000 - 22 * 28);
    expect(indexes().at(-1)).toBe(1_000_000);
    await scrollTo(0);
    expect(indexes()[0]).toBe(1);
    expect(document.querySelectorAll('[data-testid="grid-row"]').length).toBeLessThanOrEqual(45);

    grid().focus();
    await keys(["End", { ctrlKey: true }]);
    expect(current()?.closest("[role=row]")?.getAttribute("aria-rowindex")).toBe("1000000");
    expect(text("footer")).toContain("row 1,000,000");
    // Nothing but blocks of a hundred was asked for, and nothing in between.
    expect(calls(backend, "snapshot_rows").every((call) => (call["count"] as number) <= 100)).toBe(true);
    expect(calls(backend, "snapshot_rows").length).toBeLessThan(14);
  });

  it("rows that are not here yet are skeletons in the same frame", async () => {
    const backend = await records("active", 20_000);
    const answer = backend.call.bind(backend);
    vi.spyOn(backend, "call").mockImplementation((name, request) => (name === "snapshot_rows" ? new Promise(() => {}) : answer(name, request)));
    await scrollTo(300_000);
    expect(rows().length).toBeGreaterThan(20);
    expect(rows().every((row) => row.classList.contains("wait") && row.textContent === "")).toBe(true);
  });
});

describe("the keyboard in the grid", () => {
  it("has one tab stop, moves a current cell and keeps it in view", async () => {
    await records("active");
    expect(grid().tabIndex).toBe(0);
    expect(grid().querySelectorAll("[tabindex='0']")).toHaveLength(0);
    expect(document.activeElement).toBe(grid());
    await keys("ArrowDown", "ArrowDown", "ArrowRight");
    expect(current()?.closest("[role=row]")?.getAttribute("aria-rowindex")).toBe("3");
    expect(current()?.getAttribute("aria-colindex")).toBe("2");
    expect(current()?.closest("[role=row]")?.getAttribute("aria-selected")).toBe("true");
    await keys("PageDown", "PageDown");
    expect(current()?.closest("[role=row]")?.getAttribute("aria-rowindex")).toBe("47");
    await keys("j", "k", "k");
    expect(text("footer")).toContain("row 46");
  });

  it("Enter opens the record, Escape leads back to the same row of the same snapshot", async () => {
    const backend = await records("active");
    await keys("ArrowDown", "ArrowDown", "ArrowDown");
    const name = current()?.textContent;
    await keys("Enter");
    expect(byId("record-title").textContent).toBe(name);
    await keys("Escape");
    expect(maybe("record-page")).toBeNull();
    expect(current()?.textContent).toBe(name);
    expect(document.activeElement).toBe(grid());
    expect(calls(backend, "open_snapshot")).toHaveLength(1);
  });

  it("Space opens and closes a quick look that follows the current row", async () => {
    await records("active");
    await keys("ArrowDown", " ");
    await vi.waitFor(() => expect(text("aside h2")).toBe(current()?.textContent));
    await keys("ArrowDown");
    expect(text("aside h2")).toBe(current()?.textContent);
    await vi.waitFor(() => expect(document.querySelector("aside .body")?.getAttribute("aria-busy")).toBe("false"));
    expect(text("aside dl")).toContain("E-mail");
    await keys("Escape");
    expect(document.querySelector("aside")).toBeNull();
    expect(document.activeElement).toBe(grid());
  });

  it("copies the cell, or the chosen rows as lines with tabs", async () => {
    const written: string[] = [];
    Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText: async (words: string) => void written.push(words) } });
    await records("active");
    await keys(["c", { ctrlKey: true }]);
    expect(written[0]).toBe(current()?.textContent);
    await keys(["ArrowDown", { shiftKey: true }], ["ArrowDown", { shiftKey: true }], ["c", { ctrlKey: true }]);
    expect(written[1]?.split("\n")).toHaveLength(3);
    expect(written[1]?.split("\n")[0]?.split("\t")).toHaveLength(9);
    expect(text("footer")).toContain("3 rows chosen");
  });

  it("Alt shows what HubSpot sent while it is held", async () => {
    await records("active");
    const cell = (): string => rows()[0]?.querySelectorAll("[role=gridcell]")[2]?.textContent ?? "";
    const label = cell();
    await keys("Alt");
    expect(cell()).toBe(label.toLowerCase().replaceAll(" ", ""));
    globalThis.dispatchEvent(new KeyboardEvent("keyup", { key: "Alt" }));
    await drawn();
    expect(cell()).toBe(label);
  });
});

describe("sorting", () => {
  it("a header goes up, down and back to the usual order", async () => {
    const backend = await records("active");
    const header = (): HTMLElement => document.querySelectorAll<HTMLElement>("[role=columnheader]")[0] as HTMLElement;
    const seen: (string | null)[] = [];
    for (let press = 0; press < 3; press++) {
      header().click();
      await drawn();
      seen.push(header().getAttribute("aria-sort"));
    }
    expect(seen).toEqual(["ascending", "descending", "none"]);
    expect(calls(backend, "open_snapshot").map((call) => call["sort"])).toEqual([null, { column: "title", descending: false }, { column: "title", descending: true }, null]);
    expect(calls(backend, "close_snapshot")).toHaveLength(3);
  });

  it("from the keyboard it is done in the header row", async () => {
    const backend = await records("active");
    await keys("ArrowRight", "ArrowUp", "Enter");
    expect(calls(backend, "open_snapshot").at(-1)?.["sort"]).toEqual({ column: "email", descending: false });
    expect(current()?.getAttribute("role")).toBe("columnheader");
    await keys("ArrowDown");
    expect(current()?.closest("[role=row]")?.getAttribute("aria-rowindex")).toBe("1");
  });

  it("a column that cannot be sorted by says so and does nothing", async () => {
    const backend = await records("active");
    const header = [...document.querySelectorAll<HTMLElement>("[role=columnheader]")].find((one) => one.textContent?.includes("Phone"));
    header?.click();
    await drawn();
    expect(header?.hasAttribute("aria-sort")).toBe(false);
    expect(calls(backend, "open_snapshot")).toHaveLength(1);
  });
});

describe("finding", () => {
  it("waits until the typing rests, and Escape clears, then leads back", async () => {
    const backend = await records("active");
    await keys("/");
    expect(document.activeElement).toBe(byId("grid-find"));
    for (const words of ["k", "ka", "kaj"]) await type("grid-find", words);
    await vi.waitFor(() => expect(calls(backend, "open_snapshot")).toHaveLength(2));
    expect(calls(backend, "open_snapshot").at(-1)).toMatchObject({ find: "kaj" });
    await drawn();
    expect(text("footer")).toMatch(/^\d+ of 900/);
    await keys("Escape");
    expect(calls(backend, "open_snapshot").at(-1)).toMatchObject({ find: null });
    expect(document.activeElement).toBe(byId("grid-find"));
    await keys("Escape");
    expect(document.activeElement).toBe(grid());
  });

  it("nothing found says what was looked for and how to go on", async () => {
    await records("active");
    await keys("/");
    await type("grid-find", "zzzz");
    await keys("Enter");
    expect(text(".blank")).toContain("Nothing found for “zzzz”");
    document.querySelector<HTMLElement>(".blank button")?.click();
    await drawn();
    expect(rows().length).toBeGreaterThan(10);
  });
});

describe("object types", () => {
  it("stand in tabs with their counts and the state of each", async () => {
    await records("skipped");
    expect(text('[data-testid="object-tab-contacts"]')).toBe("Contacts 900");
    expect(text('[data-testid="object-tab-tickets"]')).toBe("Tickets skipped");
    await click("object-tab-tickets");
    await drawn();
    expect(maybe("grid")).toBeNull();
    expect(text(".blank")).toContain("The permission “tickets” is missing.");
    await click("object-tab-companies");
    await drawn();
    expect(grid().getAttribute("aria-label")).toBe("Companies");
    expect(byId("object-tab-companies").getAttribute("aria-selected")).toBe("true");
  });

  it("an empty one during the first import says what is coming and how far it is", async () => {
    await records("backfilling");
    await click("object-tab-deals");
    await drawn();
    expect(text(".blank")).toContain("Deals arrive here during the first import");
    expect(text(".blank")).toContain("0 of ≈53,000 stored");
  });
});

describe("when something fails", () => {
  it("rows on screen stay, a strip says what happened, and trying again helps", async () => {
    const backend = await records("active");
    const before = rows()[0]?.textContent;
    backend.fail("snapshot_rows", refusal);
    await keys(["End", { ctrlKey: true }]);
    expect(text("[role=alert]")).toContain("This copy could not be read.");
    await keys(["Home", { ctrlKey: true }]);
    expect(rows()[0]?.textContent).toBe(before);
    backend.fail("snapshot_rows", null);
    await keys(["End", { ctrlKey: true }]);
    document.querySelector<HTMLElement>("[role=alert] button")?.click();
    await drawn();
    expect(maybe("grid")).not.toBeNull();
    expect(document.querySelector("main [role=alert]")).toBeNull();
    expect(rows().at(-1)?.classList.contains("wait")).toBe(false);
  });

  it("without object types there is a card and a way to try again", async () => {
    const backend = await open("active");
    backend.fail("objects", refusal);
    await click("nav-records");
    await drawn();
    expect(text("[role=alert]")).toContain("This copy could not be read.");
    backend.fail("objects", null);
    [...document.querySelectorAll<HTMLElement>("[role=alert] button")][0]?.click();
    await drawn();
    expect(maybe("grid")).not.toBeNull();
  });
});

describe("accessibility", () => {
  const rules = { "color-contrast": { enabled: false } };
  it.each<[string, Scenario, string | null]>([
    ["the grid", "active", null],
    ["a skipped type", "skipped", "object-tab-tickets"],
    ["an empty type", "backfilling", "object-tab-deals"],
  ])("axe finds nothing in %s", async (_, scenario, tab) => {
    await records(scenario);
    if (tab) await click(tab);
    else await keys(" ");
    await drawn();
    const { violations } = await axe.run(document.body, { rules });
    expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join("\n")}`)).toEqual([]);
  });
});
