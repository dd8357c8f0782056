// Says what the window loads before it can show itself, compressed, and fails above the budget.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const budget = 150;
const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const html = readFileSync(join(dist, "index.html"), "utf8");
const size = (pattern) =>
  [...html.matchAll(pattern)].reduce((sum, [, file]) => sum + gzipSync(readFileSync(join(dist, file))).length, 0) / 1024;
const js = size(/(?:src|href)="\.\/([^"]+\.js)"/g);
const css = size(/href="\.\/([^"]+\.css)"/g);
console.log(`initial JS ${js.toFixed(1)} KiB gzip (budget ${budget}), CSS ${css.toFixed(1)} KiB gzip`);
if (js > budget) process.exit(1);
