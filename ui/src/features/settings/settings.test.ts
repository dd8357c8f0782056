import { describe, expect, it } from "vitest";
import { FakeBackend } from "../../backend/fake";
import type { Setting } from "../../backend/generated/wire";
import { SettingsState } from "./settings.svelte";
import { meant, shown, typed } from "./values";

async function opened() {
  const backend = new FakeBackend("active");
  const state = new SettingsState(backend, "norrsken");
  await state.load();
  return { backend, state, value: (key: string) => state.settings?.find((one) => one.key === key)?.value };
}

describe("settings", () => {
  it("apply at once, and the last one can be taken back", async () => {
    const { backend, state, value } = await opened();
    expect(await state.change("cadence_minutes", "30")).toBe(true);
    expect(value("cadence_minutes")).toBe("30");
    await state.undo();
    expect(value("cadence_minutes")).toBe("15");
    expect(backend.calls.at(-1)?.request).toEqual({ connection: "norrsken", key: "cadence_minutes", value: null });
    expect(state.last).toBeNull();
  });
  it("say why a value was refused, and keep the old one", async () => {
    const { state, value } = await opened();
    expect(await state.change("cadence_minutes", "3")).toBe(false);
    expect(state.refused?.key).toBe("cadence_minutes");
    expect(value("cadence_minutes")).toBe("15");
  });
  it("ask nothing when nothing changes", async () => {
    const { backend, state } = await opened();
    const before = backend.calls.length;
    await state.change("speed", "normal");
    expect(backend.calls).toHaveLength(before);
  });
  it("are grouped, every one of them", async () => {
    const { state } = await opened();
    expect(state.of("checks").length + state.of("copy").length + state.of("derived").length).toBe(state.settings?.length);
  });
});

describe("values", () => {
  const setting = (more: Partial<Setting>): Setting => ({ key: "k", label: "", text: "", kind: "texts", value: "[]", default: "[]", changed: false, allowed: "", choices: [], least: null, most: null, unit: null, ...more });
  it("are read and typed as people do", () => {
    expect(shown(setting({ kind: "number", value: "15", unit: "minutes" }))).toBe("15 minutes");
    expect(shown(setting({ kind: "hours", value: "22:00-06:00" }))).toBe("22:00–06:00");
    expect(shown(setting({ kind: "texts", value: '["a@b.example","c@d.example"]' }))).toBe("2 entries");
    expect(shown(setting({ kind: "window", value: "all" }))).toBe("everything");
    expect(typed(setting({ value: '["a@b.example","c@d.example"]' }))).toBe("a@b.example\nc@d.example");
    expect(typed(setting({ kind: "window", value: "2024-11-27T00:00:00Z" }))).toBe("2024-11-27");
    expect(meant(setting({}), " a@b.example,\n\nc@d.example ")).toBe('["a@b.example","c@d.example"]');
    expect(meant(setting({ kind: "filters" }), " ")).toBe("{}");
  });
});
