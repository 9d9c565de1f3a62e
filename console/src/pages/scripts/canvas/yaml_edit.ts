/** What one can do to a script on the canvas, as edits of its text. Pure: each changes the lines it must and no other. */
import { drawn, type Drawn, type Place, type Said, type Way } from "./script_read";
import { CannotEdit, has, inOneLine, withEntry, withKey, withoutPair, withPair, withValue, type Path } from "./yaml_text";

function read(text: string): Drawn {
  const script = drawn(text);
  if (script === null) throw new CannotEdit("YAML");
  return script;
}

/** Other words for what a step says; a step that says nothing yet gets a line of its own. */
export function sayWords(text: string, step: string, key: Said["key"], index: number, words: string): string {
  const place = placeOf(read(text), step);
  const said = place.says.find((one) => one.key === key);
  if (said === undefined) {
    const line = freeName(read(text), key === "say" ? step : `${step}_${key}`);
    const path = key === "confirm" ? ["steps", step, "slot"] : ["steps", step];
    return withPair(withPair(text, ["lines"], line, words), path, key, line, key === "again" ? "say" : undefined);
  }
  return setLine(text, said.line, index, words);
}

/** Other words for one wording of a line. */
export function setLine(text: string, line: string, index: number, words: string): string {
  const texts = read(text).lines[line];
  if (texts === undefined) return withPair(text, ["lines"], line, words);
  return texts.length === 1 && isPlain(text, line) ? withValue(text, ["lines", line], words) : withEntry(text, ["lines", line], index, words);
}

function isPlain(text: string, line: string): boolean {
  try {
    withValue(text, ["lines", line], "");
    return true;
  } catch {
    return false;
  }
}

/** Where a way leads. An answer on the spot becomes a way to a step, keeping nothing of the answer. */
export function leadTo(text: string, way: Way, to: string): string {
  return way.to === null ? replaced(text, way.path, to) : withValue(text, way.target, to);
}

function replaced(text: string, path: Path, value: unknown): string {
  const key = path.at(-1) ?? "";
  const map = path.slice(0, -1);
  const spare = `${key}-`;
  return withKey(withoutPair(withPair(text, map, spare, value, key), path), [...map, spare], key);
}

/** A way from a step (or, with `anywhere`, from all) to another. */
export function addWay(text: string, from: Place, on: string, to: string): string {
  if (from.kind === "branch") {
    const kind = has(text, ["branches", from.name, "split"]) ? "split" : "cases";
    return withPair(text, ["branches", from.name, kind], on, to);
  }
  return withPair(text, nextOf(from), on, to);
}

/** An answer on the spot, after which the step's question is asked again. */
export function addAnswer(text: string, from: Place, on: string, words: string): string {
  const line = freeName(read(text), from.kind === "anywhere" ? `answer_${on}` : `${from.name}_${on}`);
  const lined = withPair(text, ["lines"], line, words);
  return withPair(lined, nextOf(from), on, inOneLine({ answer: line }));
}

const nextOf = (from: Place): Path => (from.kind === "anywhere" ? ["anywhere"] : ["steps", from.name, "next"]);

export function removeWay(text: string, way: Way): string {
  const bare = withoutPair(text, way.path, way.kind === "heard" && way.path.length > 2);
  return typeof way.answer === "string" ? withoutUnused(bare, [way.answer]) : bare;
}

export interface NewStep {
  name: string;
  words: string;
  /** An ending with its grade; a question otherwise. */
  grade?: string;
}

/** A step, behind another one where that is given. */
export function addStep(text: string, step: NewStep, after?: string): string {
  const script = read(text);
  const name = freeName(script, step.name);
  const said = withPair(text, ["lines"], name, step.words, after);
  const value =
    step.grade === undefined
      ? { say: name, again: name, question: "offer" }
      : inOneLine({ say: name, end: { grade: step.grade, outcome: name } });
  return withPair(said, ["steps"], name, value, after);
}

/** Without a step: what it alone says goes, too, and so do answers that lead to it. Who must lead somewhere else stays, and is found by the check. */
export function removeStep(text: string, name: string): string {
  const place = placeOf(read(text), name);
  const section = place.kind === "branch" ? "branches" : "steps";
  let left = withoutPair(text, [section, name], section === "branches");
  const leading = read(left).places.flatMap((one) => one.ways.filter((way) => way.to === name && way.kind === "heard"));
  for (const way of leading) left = removeWay(left, way);
  const lines = [...place.says.map((one) => one.line), ...place.ways.flatMap((way) => way.answer ?? [])];
  return withoutUnused(left, lines);
}

/** A step under another name, everywhere it is named. */
export function renameStep(text: string, old: string, name: string): string {
  const script = read(text);
  if (script.places.some((one) => one.name === name && one.kind !== "missing")) throw new CannotEdit(name);
  const place = placeOf(script, old);
  let out = text;
  if (script.start === old) out = withValue(out, ["start"], name);
  for (const way of script.places.flatMap((one) => one.ways)) {
    if (way.to === old) out = withValue(out, way.target, name);
  }
  out = withReached(out, old, name);
  return place.kind === "missing" ? out : withKey(out, [place.kind === "branch" ? "branches" : "steps", old], name);
}

/** `reached` of grades and tags names steps, too, in lists of which some are written in one line. */
function withReached(text: string, old: string, name: string): string {
  const escaped = old.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const word = new RegExp(`(?<![\\p{L}\\p{N}_.-])${escaped}(?![\\p{L}\\p{N}_.-])`, "gu");
  return text.replace(/\breached:\s*(\[[^\]]*\]|[^\s,}#]+)/g, (part, named: string) =>
    part.replace(named, named.replace(word, name)),
  );
}

export const setTitle = (text: string, title: string): string =>
  has(text, ["title"]) ? withValue(text, ["title"], title) : withPair(text, [], "title", title, "script");

export const setStart = (text: string, step: string): string => withValue(text, ["start"], step);

export const setScriptName = (text: string, name: string): string =>
  has(text, ["script"]) ? withValue(text, ["script"], name) : withPair(text, [], "script", name);

/** `question`, or `grade` and `outcome` of an ending. */
export function setField(text: string, step: string, field: "question" | "grade" | "outcome", value: string): string {
  const path = field === "question" ? ["steps", step] : ["steps", step, "end"];
  return has(text, [...path, field]) ? withValue(text, [...path, field], value) : withPair(text, path, field, value);
}

/** The names of steps from which a line is said. */
export function saidAt(script: Drawn, line: string): string[] {
  return script.places
    .filter((one) => one.says.some((said) => said.line === line) || one.ways.some((way) => way.answer === line))
    .map((one) => one.name);
}

/** Lines that nothing names any more go. A name counts wherever it stands, so that nothing in use is lost. */
function withoutUnused(text: string, lines: readonly string[]): string {
  let out = text;
  for (const line of new Set(lines)) {
    const bare = has(out, ["lines", line]) ? withoutPair(out, ["lines", line]) : out;
    const escaped = line.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const named = new RegExp(`(?::|[[,-])\\s*["']?${escaped}["']?\\s*(?:[,}\\]#]|$)`, "m");
    if (!named.test(bare)) out = bare;
  }
  return out;
}

function placeOf(script: Drawn, name: string): Place {
  const place = script.places.find((one) => one.name === name);
  if (place === undefined) throw new CannotEdit(name);
  return place;
}

/** A name that no line, step or branch has, made from one that may be taken or cannot be one. */
export function freeName(script: Drawn, wanted: string): string {
  const name = wanted.replace(/[^\p{L}\p{N}_-]+/gu, "_").replace(/^-+/, "").slice(0, 50) || "step";
  const taken = new Set([...Object.keys(script.lines), ...script.places.map((one) => one.name)]);
  let free = name;
  for (let n = 2; taken.has(free); n += 1) free = `${name}_${n}`;
  return free;
}
