// The whole window on the pretend backend, for tests.
import { render } from "@testing-library/svelte";
import { tick } from "svelte";
import App from "../App.svelte";
import { FakeBackend, type Scenario } from "../backend/fake";

/** Until answers have come and what follows from them is drawn. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 12; round++) {
    await Promise.resolve();
    await tick();
  }
}

export async function open(scenario: Scenario, prepare: (backend: FakeBackend) => void = () => {}): Promise<FakeBackend> {
  localStorage.clear();
  const backend = new FakeBackend(scenario);
  prepare(backend);
  render(App, { backend });
  await settled();
  return backend;
}

export function byId(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  if (!found) throw new Error(`nothing on screen is called ${id}`);
  return found;
}
export const maybe = (id: string): HTMLElement | null => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);

export async function click(id: string): Promise<void> {
  byId(id).click();
  await settled();
}

export async function press(key: string, more: KeyboardEventInit = {}): Promise<boolean> {
  const taken = !(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
  await settled();
  return taken;
}

export async function type(id: string, text: string): Promise<void> {
  const field = byId(id) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await settled();
}

export async function paste(id: string, text: string): Promise<void> {
  const event = new Event("paste", { bubbles: true, cancelable: true });
  Object.assign(event, { clipboardData: { getData: () => text } });
  byId(id).dispatchEvent(event);
  await settled();
}
