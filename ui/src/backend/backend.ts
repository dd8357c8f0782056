// What the window may ask for. The only door to the world outside it; tauri.ts and fake.ts are its two
// sides. Deliberately absent: caching, retries, state. Those belong to the features that need them.
import { createContext } from "svelte";
import type { CoreEvent, Operations } from "./generated/wire";

export type Request<K extends keyof Operations> = Operations[K][0];
export type Answer<K extends keyof Operations> = Operations[K][1];

export interface Backend {
  /** Runs one operation. Refusals arrive as `WireError` objects: see `toWireError`. */
  call<K extends keyof Operations>(name: K, request: Request<K>): Promise<Answer<K>>;
  /** Hears what changed; the hearer asks again for what it shows. Returns how to stop hearing. */
  listen(handler: (event: CoreEvent) => void): () => void;
  /** Opens a page of HubSpot in the person's browser. Other hosts are refused by the shell. */
  openExternal(url: string): Promise<void>;
  /** Opens the address of a sign-in under way in the person's browser. The shell asks the core for it. */
  openAuthorize(attempt: string): Promise<void>;
  /** Tells the shell that something is on screen. */
  firstPaint(): Promise<void>;
  /** Light or dark, as the desktop says. */
  systemTheme(): Promise<"light" | "dark">;
}

/** Components deep in a tree reach the backend through the context that App fills. */
export const [useBackend, provideBackend] = createContext<Backend>();
