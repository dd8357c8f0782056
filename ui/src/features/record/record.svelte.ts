// One record as read from the copy, and its page at HubSpot. Answers to a question no longer asked are ignored.
import type { Backend } from "../../backend/backend";
import { toWireError } from "../../backend/errors";
import type { RecordPage, WireError } from "../../backend/generated/wire";

export interface Asked {
  object: string;
  id: string;
}

export class RecordState {
  asked = $state.raw<Asked | null>(null);
  /** Of the record asked for last that answered; see `fresh`. */
  page = $state.raw<RecordPage | null>(null);
  /** Page at HubSpot; none for portals that have no such page. */
  url = $state<string | null>(null);
  failed = $state.raw<WireError | null>(null);
  #answered = $state.raw<Asked | null>(null);

  readonly #backend: Backend;
  readonly #connection: string;

  constructor(backend: Backend, connection: string) {
    this.#backend = backend;
    this.#connection = connection;
  }

  /** The page is the one asked for, not the one before it. */
  readonly fresh = $derived.by(() => this.page !== null && this.#answered === this.asked);

  /** Set when the record asked for went into another one: its id. */
  readonly mergedFrom = $derived.by(() => (this.fresh && this.asked && this.page?.id !== this.asked.id ? this.asked.id : null));

  async load(object: string, id: string): Promise<void> {
    const asked = { object, id };
    this.asked = asked;
    this.failed = null;
    const request = { connection: this.#connection, object, id };
    const [page, link] = await Promise.allSettled([this.#backend.call("record", request), this.#backend.call("record_link", request)]);
    if (this.asked !== asked) return;
    if (page.status === "rejected") {
      this.failed = toWireError(page.reason);
      return;
    }
    this.page = page.value;
    this.url = link.status === "fulfilled" ? link.value.url : null;
    this.#answered = asked;
  }

  again(): void {
    if (this.asked) void this.load(this.asked.object, this.asked.id);
  }

  openAtHubSpot(): void {
    if (this.url) void this.#backend.openExternal(this.url);
  }
}

/** "ÉM" for Élodie Marchand: first letters of the first and the last word. */
export function initials(title: string): string {
  const words = title.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letter = (word: string | undefined): string => (word?.match(/[\p{L}\p{N}]/u)?.[0] ?? "").toLocaleUpperCase("en");
  const [first, last] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return letter(first) + letter(last);
}
