// How much the browser loads before it shows the first page, compressed as the server compresses it.
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUILT = new URL("../src/fairdial/web/static/", import.meta.url);
const MOST_KB = 400;
const FIRST_PAGES = ["SignIn", "Today"];

const sizes = new Map();
const needed = (file, seen = new Set()) => {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(new URL(`assets/${file}`, BUILT), "utf8");
  sizes.set(file, gzipSync(text, { level: 9 }).length);
  for (const [, other] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) needed(other, seen);
  return seen;
};

const page = readFileSync(new URL("index.html", BUILT), "utf8");
const shell = [...page.matchAll(/\/assets\/([^"]+)/g)].map(([, file]) => file);
let isTooMuch = false;
for (const name of FIRST_PAGES) {
  const own = readdirSync(new URL("assets", BUILT)).find((file) => file.startsWith(`${name}-`));
  const files = new Set();
  for (const file of [...shell, own]) needed(file, files);
  const kb = [...files].reduce((sum, file) => sum + sizes.get(file), 0) / 1000;
  isTooMuch ||= kb > MOST_KB;
  console.log(`${name}: ${kb.toFixed(1)} kB compressed (at most ${MOST_KB})`);
}
process.exitCode = isTooMuch ? 1 : 0;
