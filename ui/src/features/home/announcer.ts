// What a screen reader hears from a run: a change of state at once, progress at most every 30 seconds.

const EVERY = 30_000;

export class Announcer {
  #state = "";
  #at = -Infinity;

  /** The text to say now, or null to stay silent. */
  tell(state: string, sentence: string, progress: string | null, now: number): string | null {
    if (state !== this.#state) {
      this.#state = state;
      this.#at = now;
      return sentence;
    }
    if (progress === null || now - this.#at < EVERY) return null;
    this.#at = now;
    return progress;
  }
}
