// The passing second, for countdowns and ages. Ticks only while something on screen reads it and the window is visible.
import { createSubscriber } from "svelte/reactivity";

const subscribe = createSubscriber((update) => {
  let timer: ReturnType<typeof setInterval> | undefined;
  const follow = () => {
    clearInterval(timer);
    timer = document.hidden ? undefined : setInterval(update, 1000);
    update();
  };
  follow();
  document.addEventListener("visibilitychange", follow);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", follow);
  };
});

export const clock = {
  /** Milliseconds now; reading it inside a component or effect makes that tick. */
  get now(): number {
    subscribe();
    return Date.now();
  },
};
