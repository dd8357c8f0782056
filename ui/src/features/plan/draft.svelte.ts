// The plan of a connection that is being set up, one for each window: asked once, and again when it was stopped or failed.
import type { Backend } from "../../backend/backend";
import { PlanState } from "./plan.svelte";

export class DraftPlans {
  #all = $state.raw(new PlanState());
  #recent = $state.raw(new PlanState());
  #draft: string | null = null;
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  of(allHistory: boolean): PlanState {
    return allHistory ? this.#all : this.#recent;
  }

  /** The core stops planning for the other window when it is asked for this one. */
  async ask(draft: string, allHistory: boolean): Promise<void> {
    if (draft !== this.#draft) this.forget();
    this.#draft = draft;
    const state = this.of(allHistory);
    if (state.plan || state.asking) return;
    await state.ask(() => this.#backend.call("draft_plan", { draft, all_history: allHistory }));
  }

  /** Whoever waits for the plan is told that it was stopped. */
  async stop(): Promise<void> {
    if (this.#draft === null) return;
    try {
      await this.#backend.call("stop_draft_plan", { draft: this.#draft });
    } catch {
      // The draft is over, and its plan with it.
    }
  }

  forget(): void {
    this.#all = new PlanState();
    this.#recent = new PlanState();
    this.#draft = null;
  }
}
