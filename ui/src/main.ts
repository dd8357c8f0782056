// Picks the backend and mounts the app.
import "@fontsource-variable/inter/index.css";
import "./design/tokens.css";
import "./design/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import type { Backend } from "./backend/backend";
import { tauriBackend } from "./backend/tauri";

async function pickBackend(): Promise<Backend> {
  // The condition is folded at build time: the shipped bundle contains no pretend backend.
  if (import.meta.env.DEV || import.meta.env.MODE === "preview") {
    const query = new URLSearchParams(location.search);
    if (query.has("fake") || !("__TAURI_INTERNALS__" in window)) {
      const { FakeBackend, isScenario } = await import("./backend/fake");
      const asked = query.get("fake") ?? "demo";
      return new FakeBackend(isScenario(asked) ? asked : "demo", { theme: query.get("theme"), live: !query.has("still") });
    }
  }
  return tauriBackend();
}

const target = document.getElementById("app");
if (target) mount(App, { target, props: { backend: await pickBackend() } });
