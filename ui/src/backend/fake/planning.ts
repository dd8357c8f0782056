// The pretend planning of a draft: answered at once, or when a test lets go of it.
import type { SyncPlan, WireError } from "../generated/wire";

const stopped: WireError = { code: "plan_stopped", title: "The counting was stopped.", text: "", fix: [], actions: ["try_again"], technical: "" };

export class PretendPlanning {
  /** Answers wait. */
  held = false;
  #waiting: { answer: () => void; refuse: () => void } | null = null;

  answer(plan: SyncPlan): SyncPlan | Promise<SyncPlan> {
    // Another plan takes the place of the one that is being made.
    this.stop();
    if (!this.held) return plan;
    return new Promise((answer, refuse) => (this.#waiting = { answer: () => answer(plan), refuse: () => refuse(stopped) }));
  }

  letGo(): void {
    this.#waiting?.answer();
    this.#waiting = null;
  }

  stop(): void {
    this.#waiting?.refuse();
    this.#waiting = null;
  }
}
