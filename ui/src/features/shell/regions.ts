// F6 goes round the parts of the window: rail, page, what lies beside it, status bar.

const REGIONS = "nav, main, aside, footer[aria-label]";
const STOPS = "button:not(:disabled), input, select, textarea, a[href], [tabindex='0']";

export function nextRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>(REGIONS)].filter((one) => !one.closest("[inert]"));
  if (regions.length === 0) return;
  const at = regions.findIndex((one) => one.contains(document.activeElement));
  const next = regions[at === -1 ? (step === 1 ? 0 : regions.length - 1) : (at + step + regions.length) % regions.length];
  if (!next) return;
  const stop = next.querySelector<HTMLElement>(STOPS);
  if (stop) return stop.focus();
  next.tabIndex = -1;
  next.focus();
}
