// What a run will cost, asked once for each thing that could be started. The last answer that was asked for wins.
import { toWireError } from "../../backend/errors";
import type { SyncPlan, WireError } from "../../backend/generated/wire";

export class PlanState {
  plan = $state.raw<SyncPlan | null>(null);
  error = $state.raw<WireError | null>(null);
  asking = $state(false);
  #turn = 0;

  async ask(question: () => Promise<SyncPlan>): Promise<void> {
    const turn = ++this.#turn;
    this.asking = true;
    this.error = null;
    try {
      const plan = await question();
      if (turn === this.#turn) this.plan = plan;
    } catch (caught) {
      if (turn !== this.#turn) return;
      this.plan = null;
      this.error = toWireError(caught);
    }
    if (turn === this.#turn) this.asking = false;
  }
}
