// Whose first import this window saw under way, so that its end is told once, also after a restart. That it ended is
// what the core says; this only remembers that it has not been told yet.
import type { ConnectionStatus } from "../../backend/generated/wire";

const WATCHED = "portside.watched";

export class FinishState {
  #watched = $state.raw<readonly string[]>((localStorage.getItem(WATCHED) ?? "").split(" ").filter(Boolean));

  /** Call with every status that comes. */
  note({ connection, running, progress }: ConnectionStatus): void {
    if (running && progress.first_import && !this.#watched.includes(connection)) this.#keep([...this.#watched, connection]);
  }

  /** The facts to tell, while there is something to tell. */
  facts({ connection, running, progress }: ConnectionStatus): string | null {
    return !running && !progress.first_import && this.#watched.includes(connection) ? progress.finished : null;
  }

  dismiss(connection: string): void {
    this.#keep(this.#watched.filter((one) => one !== connection));
  }

  #keep(watched: readonly string[]): void {
    this.#watched = watched;
    localStorage.setItem(WATCHED, watched.join(" "));
  }
}
