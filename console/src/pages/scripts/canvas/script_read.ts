/** A script as the canvas draws it: steps, branches, what is answered at any time, and where each way leads. Pure. */
import { isMap, isScalar, isSeq, type YAMLMap } from "yaml";

import { keyOf, parsed, type Path } from "./yaml_text";

/** What can be heard, as the script language names it. */
export const MEANINGS = [
  "accept", "deny", "busy", "refuse_soft", "refuse_hard", "ask_price", "ask_detail", "ask_identity", "ask_robot",
  "ask_source", "ask_human", "ask_repeat", "wrong_number", "third_party", "vulnerable", "assistant", "greeting",
  "backchannel", "other", "unclear",
] as const; // prettier-ignore

export type WayKind = "heard" | "slot" | "arm" | "asked" | "silence" | "unclear";

export interface Way {
  kind: WayKind;
  /** The meaning, the slot's name, the branch's value or arm, the question's name. */
  on: string;
  to: string | null;
  /** The line that answers on the spot; null repeats. Undefined where a step follows. */
  answer?: string | null;
  /** The entry, and the scalar that says where it leads. */
  path: Path;
  target: Path;
}

export interface Said {
  key: "say" | "again" | "confirm";
  line: string;
  texts: readonly string[];
}

export interface Place {
  name: string;
  kind: "step" | "end" | "branch" | "anywhere" | "missing";
  says: readonly Said[];
  ways: readonly Way[];
  question: string | null;
  grade: string | null;
  outcome: string | null;
  refusal: string | null;
  /** Lines of the text, from 0: where it begins and where what is its own ends. */
  at: number;
  until: number;
}

export interface Drawn {
  script: string;
  title: string;
  start: string;
  places: readonly Place[];
  /** Line name to its wordings. */
  lines: Readonly<Record<string, readonly string[]>>;
  variables: readonly string[];
}

/** The place of what is understood at every step; no step can be called this. */
export const ANYWHERE = "*anywhere";

type Tree = string | Tree[] | { [key: string]: Tree };

/** The script, or null while the text is no YAML map. */
export function drawn(text: string): Drawn | null {
  const document = parsed(text);
  if (document.errors.length > 0 || !isMap(document.contents)) return null;
  const tree = document.toJS() as Tree;
  const lines = Object.fromEntries(entries(get(tree, "lines")).map(([name, said]) => [name, texts(said)]));
  const spots = placesOf(document.contents, text);
  const own = [
    ...entries(get(tree, "steps")).map(([name, step]) => stepOf(name, step, lines)),
    ...entries(get(tree, "branches")).map(([name, branch]) => branchOf(name, branch)),
  ];
  const anywhere = anywhereOf(tree, lines);
  const known = new Set(own.map((one) => one.name));
  const wanted = [...own, anywhere].flatMap((one) => one.ways.flatMap((way) => way.to ?? []));
  const start = word(get(tree, "start")) ?? "";
  const missing = [...new Set([start, ...wanted])].filter((name) => name !== "" && !known.has(name)).map(missingOf);
  return {
    script: word(get(tree, "script")) ?? "",
    title: word(get(tree, "title")) ?? "",
    start,
    lines,
    variables: entries(get(tree, "variables")).map(([name]) => name),
    places: [...own, anywhere, ...missing].map((one) => ({ ...one, ...spots.get(one.name) })),
  };
}

function stepOf(name: string, step: Tree, lines: Drawn["lines"]): Place {
  const path = ["steps", name];
  const slot = get(step, "slot");
  const end = get(step, "end");
  const says = (["say", "again"] as const).flatMap((key) => saidBy(key, get(step, key), lines));
  const then = word(get(slot, "then"));
  const asks: Way[] =
    then === null
      ? []
      : [{ kind: "slot", on: word(get(slot, "name")) ?? "", to: then, path: [...path, "slot"], target: [...path, "slot", "then"] }];
  return {
    ...empty(name, end === undefined ? "step" : "end"),
    says: [...says, ...saidBy("confirm", get(slot, "confirm"), lines)],
    ways: [...asks, ...answers(get(step, "next"), [...path, "next"], "heard")],
    question: word(get(step, "question")),
    grade: word(get(end, "grade")) ?? word(get(step, "interest")),
    outcome: word(get(end, "outcome")),
    refusal: word(get(end, "refusal")),
  };
}

function branchOf(name: string, branch: Tree): Place {
  const path = ["branches", name];
  const inner = (key: string) => answers(get(branch, key), [...path, key], "arm");
  const otherwise = word(get(branch, "otherwise"));
  const last: Way[] =
    otherwise === null
      ? []
      : [{ kind: "arm", on: "otherwise", to: otherwise, path: [...path, "otherwise"], target: [...path, "otherwise"] }];
  return { ...empty(name, "branch"), ways: [...inner("cases"), ...inner("split"), ...last], question: word(get(branch, "of")) };
}

function anywhereOf(tree: Tree, lines: Drawn["lines"]): Place {
  const ladder = (kind: "silence" | "unclear"): Way[] => {
    const to = word(get(get(tree, kind), "then"));
    return to === null ? [] : [{ kind, on: kind, to, path: [kind], target: [kind, "then"] }];
  };
  const known = answers(get(tree, "knowledge"), ["knowledge"], "asked");
  return {
    ...empty(ANYWHERE, "anywhere"),
    says: saidBy("say", get(get(tree, "silence"), "say"), lines).slice(0, 0),
    ways: [...answers(get(tree, "anywhere"), ["anywhere"], "heard"), ...known, ...ladder("silence"), ...ladder("unclear")],
  };
}

function answers(map: Tree | undefined, path: Path, kind: WayKind): Way[] {
  return entries(map).map(([on, to]) => {
    const own = [...path, on];
    if (typeof to === "string") return { kind, on, to, path: own, target: own };
    const arm = word(get(to, "to"));
    if (arm !== null) return { kind, on, to: arm, path: own, target: [...own, "to"] };
    const line = word(get(to, "answer"));
    return { kind, on, to: null, answer: line === "null" || line === "~" ? null : line, path: own, target: [...own, "answer"] };
  });
}

function empty(name: string, kind: Place["kind"]): Place {
  return { name, kind, says: [], ways: [], question: null, grade: null, outcome: null, refusal: null, at: 0, until: 0 };
}

const missingOf = (name: string): Place => empty(name, "missing");

function saidBy(key: Said["key"], line: Tree | undefined, lines: Drawn["lines"]): Said[] {
  return typeof line === "string" && line !== "" ? [{ key, line, texts: lines[line] ?? [] }] : [];
}

function placesOf(root: YAMLMap, text: string): Map<string, { at: number; until: number }> {
  const found = new Map<string, { at: number; until: number }>();
  const lineOf = (offset: number): number => text.slice(0, offset).split("\n").length - 1;
  for (const section of ["steps", "branches", "anywhere"]) {
    const node = root.get(section, true) as unknown;
    if (!isMap(node)) continue;
    if (section === "anywhere") {
      const pair = root.items.find((one) => keyOf(one) === section);
      const from = isScalar(pair?.key) ? (pair.key.range?.[0] ?? 0) : 0;
      found.set(ANYWHERE, { at: lineOf(from), until: lineOf(trimmed(text, node.range?.[1] ?? 0)) });
      continue;
    }
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const ends = isMap(value) || isScalar(value) || isSeq(value) ? (value.range?.[1] ?? 0) : 0;
      found.set(String(key.value), { at: lineOf(key.range?.[0] ?? 0), until: lineOf(trimmed(text, ends)) });
    }
  }
  return found;
}

const trimmed = (text: string, end: number): number => text.slice(0, end).trimEnd().length;

function get(tree: Tree | undefined, key: string): Tree | undefined {
  return typeof tree === "object" && !Array.isArray(tree) && Object.hasOwn(tree, key) ? tree[key] : undefined;
}

function entries(tree: Tree | undefined): [string, Tree][] {
  return typeof tree === "object" && !Array.isArray(tree) ? Object.entries(tree) : [];
}

function word(tree: Tree | undefined): string | null {
  return typeof tree === "string" && tree !== "" ? tree : null;
}

function texts(tree: Tree): string[] {
  return Array.isArray(tree) ? tree.filter((one) => typeof one === "string") : typeof tree === "string" ? [tree] : [];
}
