// Keys and what they do. Screens register theirs while they are shown; the sheet behind `?` lists what is there.
import { createContext, untrack } from "svelte";

export interface Shortcut {
  /** As written on the sheet: "Ctrl+R", "/", "Ctrl+.". `Ctrl` means the command key on a Mac. */
  keys: string[];
  label: string;
  run: (event: KeyboardEvent) => void;
  /** Listed and live only while true. */
  when?: () => boolean;
}

const mac = typeof navigator !== "undefined" && /Mac/.test(navigator.platform);

/** "Ctrl+R" as this computer's owner writes it. */
export const written = (keys: string): string => (mac ? keys.replace("Ctrl+", "⌘") : keys);

export function inText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function matches(keys: string, event: KeyboardEvent): boolean {
  const parts = keys.split("+");
  const key = parts.pop() || "+";
  const ctrl = parts.includes("Ctrl");
  const pressed = mac ? event.metaKey : event.ctrlKey;
  if (ctrl !== pressed || event.altKey) return false;
  if (key.length === 1 && !/[a-z0-9]/i.test(key)) return event.key === key;
  return event.key.toLowerCase() === key.toLowerCase() && parts.includes("Shift") === event.shiftKey;
}

export class Shortcuts {
  #known = $state.raw<Shortcut[]>([]);
  /** Dialogs hold the keyboard: only what they bring themselves stays live. */
  held = $state(0);

  get known(): Shortcut[] {
    return this.#known.filter((one) => one.when?.() ?? true);
  }

  /** Use inside `$effect`: the returned function takes the keys away again. */
  register(...shortcuts: Shortcut[]): () => void {
    // Registering inside an effect must not make that effect depend on what others register.
    untrack(() => (this.#known = [...this.#known, ...shortcuts]));
    return () => {
      untrack(() => (this.#known = this.#known.filter((one) => !shortcuts.includes(one))));
    };
  }

  /** Does what a key would do, from a button. */
  press(keys: string): void {
    [...this.known].reverse().find((one) => one.keys.includes(keys))?.run(new KeyboardEvent("keydown"));
  }

  handle(event: KeyboardEvent): void {
    if (this.held > 0 || event.defaultPrevented) return;
    // The last to register is the innermost: it goes first.
    for (const shortcut of [...this.known].reverse()) {
      const hit = shortcut.keys.find((keys) => matches(keys, event));
      if (!hit) continue;
      if (!hit.includes("Ctrl+") && !/^F\d+$/.test(hit) && inText(event.target)) continue;
      event.preventDefault();
      shortcut.run(event);
      return;
    }
  }
}

export const [useShortcuts, provideShortcuts] = createContext<Shortcuts>();
