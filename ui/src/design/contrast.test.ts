// The contrast of every pair that the window draws, computed again from the tokens.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/design/tokens.css", "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
const blocks = [...css.matchAll(/([^{}]+)\{([^{}]+)\}/g)].map(([, head = "", body = ""]) => ({ head: head.trim(), body }));
const declared = (body: string) => [...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name = "", value = ""]) => [name, value.trim()] as const);

function theme(dark: boolean): Map<string, string> {
  const all = new Map<string, string>();
  for (const { head, body } of blocks) {
    if (head.includes("@media")) continue;
    if (head.includes(":root") || (dark && head.includes('[data-theme="dark"]'))) for (const [name, value] of declared(body)) all.set(name, value);
  }
  return all;
}

function channels(tokens: Map<string, string>, name: string): [number, number, number] {
  let value = tokens.get(name) ?? "";
  for (let hops = 0; value.startsWith("var(") && hops < 5; hops++) value = tokens.get(value.slice(6, -1)) ?? "";
  const hex = /^#([0-9a-f]{6})$/i.exec(value)?.[1];
  if (!hex) throw new Error(`${name} is not a colour: ${value}`);
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255) as [number, number, number];
}
function luminance(rgb: [number, number, number]): number {
  const [r, g, b] = rgb.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(tokens: Map<string, string>, one: string, two: string): number {
  const [a, b] = [luminance(channels(tokens, one)), luminance(channels(tokens, two))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const tones = ["ok", "info", "warn", "err", "hold", "idle"];
const surfaces = ["bg", "surface", "sunken", "hover", "selected"];

describe.each([
  ["light", theme(false)],
  ["dark", theme(true)],
])("in the %s theme", (_, tokens) => {
  it.each(surfaces.flatMap((under) => ["text", "text2", "text3"].map((over) => [over, under])))("%s is readable on %s", (over, under) => {
    expect(contrast(tokens, over, under)).toBeGreaterThanOrEqual(4.6);
  });
  it.each(["bg", "surface"].flatMap((under) => [...tones, "accent"].map((over) => [over, under])))("%s is readable on %s", (over, under) => {
    expect(contrast(tokens, over, under)).toBeGreaterThanOrEqual(4.6);
  });
  it.each(tones)("the %s chip is readable", (tone) => {
    expect(contrast(tokens, tone, `${tone}-bg`)).toBeGreaterThanOrEqual(5.1);
  });
  it.each(["ok", "info", "warn", "err", "hold"].flatMap((tone) => ["text", "text2"].map((over) => [over, `${tone}-bg`])))("%s is readable on a card of %s", (over, under) => {
    expect(contrast(tokens, over, under)).toBeGreaterThanOrEqual(4.6);
  });
  it.each([
    ["on-accent", "accent"],
    ["on-accent", "accent-strong"],
    ["surface", "err"],
    ["surface", "warn"],
    ["err", "hover"],
  ])("%s is readable on %s", (over, under) => {
    expect(contrast(tokens, over, under)).toBeGreaterThanOrEqual(4.6);
  });
  it.each(["surface", "bg"])("outlines of controls stand out from %s", (under) => {
    expect(contrast(tokens, "line-control", under)).toBeGreaterThanOrEqual(3.2);
  });
});
