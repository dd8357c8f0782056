// Which screen is shown. Deliberately absent: addresses and a browser history; a window has neither.

export type Route =
  | { screen: "loading" }
  | { screen: "first-run" }
  | { screen: "home" }
  | { screen: "records"; object: string | null }
  | { screen: "doctor" }
  | { screen: "record"; object: string; id: string };

export class Router {
  #trail = $state.raw<Route[]>([{ screen: "loading" }]);

  get route(): Route {
    return this.#trail[this.#trail.length - 1] ?? { screen: "loading" };
  }

  /** The object whose grid is shown, or lies under the record page. */
  get object(): string | null {
    for (const route of [...this.#trail].reverse()) if (route.screen === "records") return route.object;
    return null;
  }

  go(route: Route): void {
    // Only record pages pile up; every other screen starts afresh, so that Back always ends at a list.
    if (route.screen === "record") this.#trail = [...this.#trail, route];
    else this.#trail = [route];
  }

  back(): void {
    if (this.#trail.length > 1) this.#trail = this.#trail.slice(0, -1);
    else if (this.route.screen === "record") this.go({ screen: "records", object: this.route.object });
  }
}
