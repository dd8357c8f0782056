// The three lists of permissions of an app, as a person ticks them. Pure: lists in, lists out.
import type { ScopeInfo, ScopeSets } from "../../backend/generated/wire";

export type Group = keyof ScopeSets;
export const GROUPS: readonly Group[] = ["required", "conditional", "optional"];
/** HubSpot wants it in every app that signs in. */
export const ALWAYS = "oauth";

export const groupOf = (sets: ScopeSets, scope: string): Group | null => GROUPS.find((group) => sets[group].includes(scope)) ?? null;

/** A permission sits in one list at most: ticking it in another moves it, ticking it again takes it out. */
export function toggled(sets: ScopeSets, scope: string, group: Group): ScopeSets {
  const on = groupOf(sets, scope) !== group;
  const without = (list: string[]) => list.filter((one) => one !== scope);
  const next = { required: without(sets.required), conditional: without(sets.conditional), optional: without(sets.optional) };
  if (on) next[group] = [...next[group], scope];
  return next;
}

/** Names as typed or pasted: one, or many with blanks, commas or quotes between them. */
export function added(sets: ScopeSets, typed: string): ScopeSets {
  const names = typed.split(/[\s,;"'[\]]+/).filter((name) => name !== "" && groupOf(sets, name) === null);
  return { ...sets, required: [...sets.required, ...new Set(names)] };
}

/** Every row to show: what Portside has a use for, then what the person's app has besides. */
export function rows(known: readonly ScopeInfo[], sets: ScopeSets, seen: readonly string[]): { scope: string; info: ScopeInfo | null }[] {
  const names = [ALWAYS, ...known.map((one) => one.scope)];
  for (const scope of [...GROUPS.flatMap((group) => sets[group]), ...seen]) if (!names.includes(scope)) names.push(scope);
  return names.map((scope) => ({ scope, info: known.find((one) => one.scope === scope) ?? null }));
}

/** The three lists as an app file spells them. */
export const asConfig = (sets: ScopeSets): string =>
  JSON.stringify({ requiredScopes: sets.required, conditionallyRequiredScopes: sets.conditional, optionalScopes: sets.optional }, null, 2);

export const sizeOf = (sets: ScopeSets): number => GROUPS.reduce((sum, group) => sum + sets[group].length, 0);
