/** Two people's edits of one text: what each changed since the text both began with. Pure. */
import { diff3Merge, diffIndices } from "node-diff3";

export interface Clash {
  mine: string;
  base: string;
  theirs: string;
}

/** Text that stands, or a place where both changed the same lines. */
export type Piece = string | Clash;

export type Choice = "mine" | "theirs" | "both";

interface Region {
  ok?: string[];
  conflict?: { a: string[]; o: string[]; b: string[] };
}

/** Lines with their ends, so that joined they are the text again. */
export const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

export function merged(mine: string, base: string, theirs: string): Piece[] {
  const regions = diff3Merge(linesOf(mine), linesOf(base), linesOf(theirs), { excludeFalseConflicts: true }) as Region[];
  const pieces = regions.flatMap(({ ok = [], conflict }): Piece[] =>
    conflict === undefined ? [ok.join("")] : byLine(conflict.a, conflict.o, conflict.b),
  );
  return pieces.reduce<Piece[]>((joined, piece) => {
    const last = joined.at(-1);
    return typeof piece === "string" && typeof last === "string" ? [...joined.slice(0, -1), last + piece] : [...joined, piece];
  }, []);
}

/** Lines that lie side by side are one region to the comparison; as long as none came or went, each is its own. */
function byLine(mine: string[], base: string[], theirs: string[]): Piece[] {
  if (mine.length !== base.length || theirs.length !== base.length) {
    return [{ mine: mine.join(""), base: base.join(""), theirs: theirs.join("") }];
  }
  return base.map((was, n) => {
    const [a = "", b = ""] = [mine[n], theirs[n]];
    if (a === b || b === was) return a;
    return a === was ? b : { mine: a, base: was, theirs: b };
  });
}

export const clashes = (pieces: readonly Piece[]): Clash[] => pieces.filter((one) => typeof one !== "string");

/** The whole text once every clash is decided, in their order. */
export function settled(pieces: readonly Piece[], choices: readonly Choice[]): string {
  let at = 0;
  const parts = pieces.map((piece) => {
    if (typeof piece === "string") return piece;
    const choice = choices[at++] ?? "both";
    return choice === "both" ? ended(piece.mine) + piece.theirs : piece[choice];
  });
  return parts.map((part, n) => (parts.slice(n + 1).some((one) => one !== "") ? ended(part) : part)).join("");
}

const ended = (part: string): string => (part === "" || part.endsWith("\n") ? part : `${part}\n`);

export interface Change {
  from: number;
  to: number;
  insert: string;
}

/** What must be done to one text to make it another, in whole lines trimmed to what differs; offsets into the first. */
export function changesBetween(before: string, after: string): Change[] {
  const old = linesOf(before);
  const offsets = [0];
  for (const line of old) offsets.push((offsets.at(-1) ?? 0) + line.length);
  const found = diffIndices(old, linesOf(after)) as { buffer1: [number, number]; buffer2Content: string[] }[];
  return found.map(({ buffer1: [at, length], buffer2Content }) =>
    trimmed(offsets[at] ?? 0, old.slice(at, at + length).join(""), buffer2Content.join("")),
  );
}

function trimmed(from: number, old: string, insert: string): Change {
  let head = 0;
  while (head < old.length && head < insert.length && old[head] === insert[head]) head += 1;
  let tail = 0;
  const most = Math.min(old.length, insert.length) - head;
  while (tail < most && old[old.length - 1 - tail] === insert[insert.length - 1 - tail]) tail += 1;
  return { from: from + head, to: from + old.length - tail, insert: insert.slice(head, insert.length - tail) };
}
