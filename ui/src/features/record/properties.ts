// Which properties of a record are listed: only filled ones, the ones that match, the few a quick look shows. Pure.
import type { PropertyGroup, PropertyValue, RecordPage } from "../../backend/generated/wire";

const filled = (property: PropertyValue): boolean => property.value.text !== null && property.value.text !== "";

/** Every word of `find` must occur in the label, the internal name, the value or the description. */
export function listed(groups: PropertyGroup[], find: string, onlyFilled: boolean): PropertyGroup[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const hit = ({ label, name, value, description }: PropertyValue): boolean => {
    const text = [label, name, value.text, value.raw, description].filter(Boolean).join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return groups
    .map(({ label, properties }) => ({ label, properties: properties.filter((one) => (!onlyFilled || filled(one)) && hit(one)) }))
    .filter((group) => group.properties.length > 0);
}

export const countOf = (groups: PropertyGroup[]): number => groups.reduce((sum, group) => sum + group.properties.length, 0);

/** For a quick look: the grid's own columns first, then what else is filled and not part of the title above. */
export function keyProperties(page: RecordPage, columns: string[], most: number): PropertyValue[] {
  const all = page.groups.flatMap((group) => group.properties);
  const chosen = columns.flatMap((name) => all.find((one) => one.name === name && one.kind !== "title") ?? []);
  const said = (one: PropertyValue): boolean => one.kind === "title" || page.title.includes(one.value.text ?? "");
  const rest = all.filter((one) => filled(one) && !said(one) && !chosen.includes(one));
  return [...chosen, ...rest].slice(0, most);
}
