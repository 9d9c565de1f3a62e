/**
 * Edits of YAML as text: the parser says where a thing stands, and only those characters change.
 * (Writing the parsed document out again would fold long lines and move comments.) Pure: text in, text out.
 */
import {
  Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  parseDocument,
  Scalar,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";

export type Path = readonly string[];

/** What stands in the text cannot be edited from outside it; it can be written by hand. */
export class CannotEdit extends Error {}

/** Every scalar is text here, as it is written: `yes`, `1.0` and `null` are what they look like. */
export function parsed(text: string): Document.Parsed {
  return parseDocument(text, { schema: "failsafe", logLevel: "silent" });
}

interface Found {
  pair: Pair<Node, Node | null>;
  map: YAMLMap<Node, Node | null>;
  isInFlow: boolean;
}

export function keyOf(pair: { key: unknown }): string {
  return isScalar(pair.key) ? String(pair.key.value) : "";
}

function root(text: string): Document.Parsed {
  const document = parsed(text);
  if (document.errors.length > 0) throw new CannotEdit(document.errors[0]?.message);
  return document;
}

function find(document: Document.Parsed, path: Path): Found | undefined {
  let node: unknown = document.contents;
  let found: Found | undefined;
  for (const key of path) {
    if (isAlias(node)) throw new CannotEdit(path.join("."));
    if (!isMap<Node, Node | null>(node)) return undefined;
    const pair = node.items.find((one) => keyOf(one) === key);
    if (pair === undefined) return undefined;
    found = { pair, map: node, isInFlow: (found?.isInFlow ?? false) || node.flow === true };
    node = pair.value;
  }
  return found;
}

export const has = (text: string, path: Path): boolean => find(root(text), path) !== undefined;

function start(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** Where what is written of a node ends: comments and empty lines behind it are not its own. */
function end(node: Node | null, text: string): number {
  if (node === null) return 0;
  if (isCollection(node) && !node.flow && node.items.length > 0) {
    const last = node.items.at(-1);
    return isPair<Node, Node | null>(last) ? pairEnd(last, text) : end(last as Node, text);
  }
  const at = node.range?.[1] ?? 0;
  const own = text.slice(start(node), at);
  return start(node) + own.trimEnd().length;
}

function pairEnd(pair: Pair<Node, Node | null>, text: string): number {
  const after = text.indexOf(":", end(pair.key, text)) + 1;
  return Math.max(after, end(pair.value, text));
}

const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;

function lineEnd(text: string, at: number): number {
  const found = text.indexOf("\n", at);
  return found < 0 ? text.length : found;
}

const spliced = (text: string, from: number, to: number, insert: string): string =>
  text.slice(0, from) + insert + text.slice(to);

/** A value in braces or brackets, as short entries are written. */
export function inOneLine(value: unknown): Node {
  return new Document().createNode(value, { flow: true });
}

/** YAML of one value as PyYAML reads it, too: what 1.1 would take for a number, a date or a yes is quoted. */
function written(value: unknown, isInFlow: boolean): string {
  const document = new Document(isInFlow ? [value] : value, { version: "1.1" });
  if (isInFlow && isCollection(document.contents)) document.contents.flow = true;
  const out = document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd();
  return isInFlow ? out.slice(1, -1) : out;
}

const oneLine = (words: string): string => words.replace(/\s*[\r\n]+\s*/g, " ");

/** Another value where a scalar stands; its quotes stay. */
export function withValue(text: string, path: Path, value: string): string {
  const found = find(root(text), path);
  if (found === undefined || !isScalar(found.pair.value)) throw new CannotEdit(path.join("."));
  return scalarChanged(text, found.pair.value, value, found.isInFlow);
}

/** Another entry of a list of scalars. */
export function withEntry(text: string, path: Path, index: number, value: string): string {
  const found = find(root(text), path);
  const list = found?.pair.value;
  const entry: unknown = isCollection(list) ? list.items[index] : undefined;
  if (!isScalar(entry)) throw new CannotEdit(path.join("."));
  return scalarChanged(text, entry, value, found?.isInFlow === true || (isCollection(list) && list.flow === true));
}

function scalarChanged(text: string, old: Scalar, value: string, isInFlow: boolean): string {
  if (old.value === value) return text;
  const scalar = new Scalar(oneLine(value));
  if (old.type === "QUOTE_DOUBLE" || old.type === "QUOTE_SINGLE") scalar.type = old.type;
  const from = start(old);
  const to = end(old, text);
  const isGlued = from > 0 && text[from - 1] === ":";
  return spliced(text, from, Math.max(from, to), (isGlued ? " " : "") + written(scalar, isInFlow));
}

/** Another name for an entry; what it holds stays. */
export function withKey(text: string, path: Path, key: string): string {
  const found = find(root(text), path);
  if (found === undefined || !isScalar(found.pair.key)) throw new CannotEdit(path.join("."));
  return scalarChanged(text, found.pair.key, key, found.isInFlow);
}

/** One more entry at the end of a map, or behind one of its entries; maps that are missing are made. */
export function withPair(text: string, path: Path, key: string, value: unknown, after?: string): string {
  const document = root(text);
  const map: unknown = path.length === 0 ? document.contents : find(document, path)?.pair.value;
  const above = path.slice(0, -1);
  const name = path.at(-1);
  if (isMap<Node, Node | null>(map)) {
    const isInFlow = map.flow === true || (find(document, path)?.isInFlow ?? false);
    return isInFlow ? pairInFlow(text, map, key, value, after) : pairInBlock(text, map, key, value, after);
  }
  if (isAlias(map) || name === undefined) throw new CannotEdit(path.join("."));
  if (map === undefined) return withPair(text, above, name, { [key]: value });
  if (isScalar(map) && map.value === "" && map.type === "PLAIN") {
    const found = find(document, path);
    if (found === undefined) throw new CannotEdit(path.join("."));
    const at = pairEnd(found.pair, text);
    if (found.isInFlow) return spliced(text, at, at, ` {${written({ [key]: value }, true).slice(1, -1)}}`);
    const indent = " ".repeat(start(found.pair.key) - lineStart(text, start(found.pair.key)) + 2);
    const line = lineEnd(text, at);
    return spliced(text, line, line, `\n${indented(written({ [key]: value }, false), indent)}`);
  }
  throw new CannotEdit(path.join("."));
}

function pairInFlow(text: string, map: YAMLMap<Node, Node | null>, key: string, value: unknown, after?: string): string {
  const before = map.items.find((one) => keyOf(one) === after) ?? map.items.at(-1);
  const pair = written(inOneLine({ [key]: value }), true).replace(/^\{|\}$/g, "");
  if (before === undefined) return spliced(text, start(map) + 1, end(map, text) - 1, pair);
  const at = pairEnd(before, text);
  return spliced(text, at, at, `, ${pair}`);
}

function pairInBlock(text: string, map: YAMLMap<Node, Node | null>, key: string, value: unknown, after?: string): string {
  const before = map.items.find((one) => keyOf(one) === after) ?? map.items.at(-1);
  const first = map.items[0];
  if (before === undefined || first === undefined) throw new CannotEdit(key);
  const indent = " ".repeat(start(first.key) - lineStart(text, start(first.key)));
  const at = lineEnd(text, pairEnd(before, text));
  return spliced(text, at, at, `\n${indented(written({ [key]: value }, false), indent)}`);
}

const indented = (lines: string, indent: string): string =>
  lines
    .split("\n")
    .map((line) => indent + line)
    .join("\n");

/** Without an entry. A map that would be left empty goes with it when `prunes`, and becomes `{}` otherwise. */
export function withoutPair(text: string, path: Path, prunes = false): string {
  const found = find(root(text), path);
  if (found === undefined) return text;
  const { pair, map, isInFlow } = found;
  if (map.items.length === 1) {
    if (prunes) return withoutPair(text, path.slice(0, -1));
    return spliced(text, start(map), end(map, text), "{}");
  }
  if (isInFlow) {
    const at = map.items.indexOf(pair);
    const next = map.items[at + 1];
    const before = map.items[at - 1];
    if (next !== undefined) return spliced(text, start(pair.key), start(next.key), "");
    return spliced(text, before === undefined ? start(pair.key) : pairEnd(before, text), pairEnd(pair, text), "");
  }
  const from = lineStart(text, start(pair.key));
  if (text.slice(from, start(pair.key)).trim() !== "") throw new CannotEdit(path.join("."));
  const to = lineEnd(text, pairEnd(pair, text));
  return to < text.length ? spliced(text, from, to + 1, "") : spliced(text, Math.max(0, from - 1), to, "");
}
