// Values of settings as people read and type them. What is allowed is decided in Rust.
import type { Setting } from "../../backend/generated/wire";
import { date } from "../../design/format";
import { en } from "../../messages/en";

const words = en.settings;

export function list(value: string): string[] {
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed.map(String) : [];
  } catch {
    return [];
  }
}

/** `line_items` as people say it. */
export const objectLabel = (name: string): string => (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("_", " ");

/** The list with this type in it, or without, as it is sent. */
export function toggled(setting: Setting, name: string): string {
  const chosen = list(setting.value);
  return JSON.stringify(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
}

/** In a sentence: "15 minutes", "Normal", "22:00–06:00", "3 entries". */
export function shown(setting: Setting, value = setting.value): string {
  switch (setting.kind) {
    case "number":
      return [value, setting.unit].filter(Boolean).join(" ");
    case "choice":
      return words.choices[value] ?? value;
    case "window":
      return value === "all" ? words.all : date(value);
    case "hours":
      return value === "off" ? words.off : value.replace("-", "–");
    case "bound":
      return value === "all" ? words.all : value;
    case "texts":
      return list(value).length === 0 ? words.none : words.items(list(value).length);
    case "objects":
      return list(value).map(objectLabel).join(", ") || words.none;
    case "filters":
      return value === "{}" ? words.none : value;
  }
}

/** As it stands in the field: one entry a line for lists, a plain day for a window. */
export function typed(setting: Setting): string {
  if (setting.kind === "texts") return list(setting.value).join("\n");
  if (setting.kind === "window") return setting.value.slice(0, setting.value === "all" ? 3 : 10);
  return setting.kind === "filters" && setting.value === "{}" ? "" : setting.value;
}

/** What a field means, as it is sent. */
export function meant(setting: Setting, text: string): string {
  if (setting.kind === "texts") return JSON.stringify(text.split(/[\n,;]/).map((one) => one.trim()).filter(Boolean));
  if (setting.kind === "filters" && text.trim() === "") return "{}";
  return text.trim();
}
