// Light or dark: the person's choice, and the desktop's where there is none.
import type { Backend } from "../../backend/backend";
import type { Theme } from "../../backend/generated/wire";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

export class ThemeState {
  choice = $state<Theme>("system");
  // A first guess; the shell is asked at once.
  #system = $state<"light" | "dark">(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  readonly shown = $derived(this.choice === "system" ? this.#system : this.choice);
  readonly next = $derived(NEXT[this.choice]);
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The web view misreports the desktop's setting on many Linux systems, so the shell is asked. */
  async askSystem(): Promise<void> {
    try {
      this.#system = await this.#backend.systemTheme();
    } catch {
      this.#system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    }
  }

  async choose(theme: Theme): Promise<void> {
    this.choice = theme;
    try {
      await this.#backend.call("set_theme", { theme });
    } catch {
      // It holds for this window; that it is not remembered is not worth a word.
    }
  }
}
