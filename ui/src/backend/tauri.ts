// The real backend: Tauri commands named as the operations, one event called `core`.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Answer, Backend, Request } from "./backend";
import type { CoreEvent, Operations } from "./generated/wire";

export function tauriBackend(): Backend {
  return {
    call<K extends keyof Operations>(name: K, request: Request<K>): Promise<Answer<K>> {
      return invoke<Answer<K>>(name, { request });
    },
    listen(handler) {
      const stopping = listen<CoreEvent>("core", (event) => handler(event.payload));
      return () => void stopping.then((stop) => stop());
    },
    openExternal: (url) => invoke("open_external", { url }),
    openAuthorize: (attempt) => invoke("open_authorize", { attempt }),
    firstPaint: () => invoke("first_paint"),
    systemTheme: () => invoke<"light" | "dark">("system_theme"),
  };
}
