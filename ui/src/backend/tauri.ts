// The real backend: Tauri commands named as the operations, one event called `core`.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Answer, Backend, Request } from "./backend";
import type { CoreEvent, Operations } from "./generated/wire";

export function tauriBackend(): Backend {
  // One listener for as long as the window lives: an event that arrives while one is taken away would find nobody, and say so.
  const hearers = new Set<(event: CoreEvent) => void>();
  let hearing = false;
  return {
    call<K extends keyof Operations>(name: K, request: Request<K>): Promise<Answer<K>> {
      return invoke<Answer<K>>(name, { request });
    },
    listen(handler) {
      hearers.add(handler);
      if (!hearing) {
        hearing = true;
        void listen<CoreEvent>("core", (event) => {
          for (const hearer of [...hearers]) hearer(event.payload);
        });
      }
      return () => void hearers.delete(handler);
    },
    openExternal: (url) => invoke("open_external", { url }),
    openAuthorize: (attempt) => invoke("open_authorize", { attempt }),
    firstPaint: () => invoke("first_paint"),
    systemTheme: () => invoke<"light" | "dark">("system_theme"),
  };
}
