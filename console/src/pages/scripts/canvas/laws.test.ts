import { describe, expect, it } from "vitest";

import { changesBetween, clashes, linesOf, merged, settled } from "./merge";
import { ANYWHERE, drawn, type Drawn } from "./script_read";
import * as edit from "./yaml_edit";
import { parsed } from "./yaml_text";

const EXAMPLES = import.meta.glob<string>("../../../../../examples/*/script.yaml", { query: "?raw", import: "default", eager: true });
const SCRIPTS = Object.entries(EXAMPLES).map(([path, text]) => [path.split("/").at(-2) ?? path, text] as const);

const read = (text: string): Drawn => {
  const script = drawn(text);
  if (script === null) throw new Error("no YAML");
  return script;
};
const content = (text: string): Record<string, unknown> => {
  const document = parsed(text);
  expect(document.errors).toEqual([]);
  return document.toJS() as Record<string, unknown>;
};
/** Lines that went and lines that came. */
const touched = (before: string, after: string): [number, number] => {
  const old = new Map<string, number>();
  for (const line of linesOf(before)) old.set(line, (old.get(line) ?? 0) + 1);
  let came = 0;
  for (const line of linesOf(after)) {
    const count = old.get(line) ?? 0;
    if (count > 0) old.set(line, count - 1);
    else came += 1;
  }
  return [[...old.values()].reduce((a, b) => a + b, 0), came];
};

describe.each(SCRIPTS)("%s", (_, text) => {
  const script = read(text);
  const steps = script.places.filter((one) => one.kind !== "missing");

  it("other words change the line they stand in, and the old words give the old text byte by byte", () => {
    for (const { name, says } of steps) {
      for (const said of says) {
        said.texts.forEach((words, index) => {
          const after = edit.sayWords(text, name, said.key, index, "别的话: 真的 #1, [好]");
          expect(touched(text, after)).toEqual([1, 1]);
          expect(read(after).lines[said.line]?.[index]).toBe("别的话: 真的 #1, [好]");
          const back = edit.sayWords(after, name, said.key, index, words);
          expect(content(back)).toEqual(content(text));
          expect(edit.sayWords(text, name, said.key, index, words)).toBe(text);
        });
      }
    }
  });

  it("another target changes one line, and back is byte by byte", () => {
    for (const place of steps) {
      for (const [n, way] of place.ways.entries()) {
        if (way.to === null) continue;
        const after = edit.leadTo(text, way, "elsewhere");
        expect(touched(text, after)).toEqual([1, 1]);
        const there = read(after).places.find((one) => one.name === place.name)?.ways[n];
        expect(there?.to).toBe("elsewhere");
        expect(there && edit.leadTo(after, there, way.to)).toBe(text);
      }
    }
  });

  it("an answer that is added and removed leaves every byte", () => {
    for (const place of steps.filter((one) => one.kind === "step" || one.kind === "anywhere")) {
      const after = edit.addWay(text, place, "greeting", script.start);
      const [went, came] = touched(text, after);
      expect(went).toBeLessThanOrEqual(1);
      expect(came).toBeLessThanOrEqual(2);
      const way = read(after).places.find((one) => one.name === place.name)?.ways.find((one) => one.on === "greeting");
      expect(way && edit.removeWay(after, way)).toBe(text);
    }
  });

  it("an answer on the spot brings its line and takes it along", () => {
    for (const place of steps.filter((one) => one.kind === "step" || one.kind === "anywhere")) {
      const after = edit.addAnswer(text, place, "greeting", "您好。");
      const way = read(after).places.find((one) => one.name === place.name)?.ways.find((one) => one.on === "greeting");
      expect(way?.answer && read(after).lines[way.answer]).toEqual(["您好。"]);
      expect(way && edit.removeWay(after, way)).toBe(text);
    }
  });

  it("a step that is added and removed leaves every byte", () => {
    for (const after of [undefined, ...steps.filter((one) => one.kind === "step").map((one) => one.name)]) {
      for (const grade of [undefined, "B"]) {
        const step = { name: "new step", words: "请问您想听吗?", ...(grade !== undefined && { grade }) };
        const added = edit.addStep(text, step, after);
        expect(touched(text, added)[0]).toBe(0);
        expect(read(added).places.find((one) => one.name === "new_step")?.kind).toBe(grade === undefined ? "step" : "end");
        expect(edit.removeStep(added, "new_step")).toBe(text);
      }
    }
  });

  it("a step is renamed everywhere, and back is byte by byte", () => {
    for (const { name, kind } of steps) {
      if (kind === "anywhere") continue;
      const after = edit.renameStep(text, name, "renamed-步骤");
      const names = read(after).places.map((one) => one.name);
      expect(names).not.toContain(name);
      expect(names).toHaveLength(script.places.length);
      expect(edit.renameStep(after, "renamed-步骤", name)).toBe(text);
    }
  });

  it("a removed step takes its answers along and leaves the rest as it was", () => {
    for (const { name, kind } of steps) {
      if (kind === "anywhere") continue;
      const after = edit.removeStep(text, name);
      content(after);
      expect(touched(text, after)[1]).toBeLessThanOrEqual(1 + steps.length);
      for (const line of linesOf(text).filter((one) => one.trimStart().startsWith("#"))) expect(after).toContain(line);
    }
  });

  it("the changes between two texts are the second text", () => {
    const after = edit.addStep(edit.setTitle(text, "另一个标题"), { name: "x", words: "好" });
    let out = text;
    for (const { from, to, insert } of changesBetween(text, after).reverse()) out = out.slice(0, from) + insert + out.slice(to);
    expect(out).toBe(after);
  });
});

it("maps that are empty, missing, or in one line take an answer in their own way", () => {
  const place = (text: string) => read(text).places.find((one) => one.name === "a");
  const added = (step: string): string => {
    const text = `lines: {x: 好}\nsteps:\n  a: ${step}\n# end\n`;
    const at = place(text);
    return (at && edit.addWay(text, at, "accept", "a").split("steps:\n")[1]) ?? "";
  };
  expect(added("{say: x}")).toBe("  a: {say: x, next: {accept: a}}\n# end\n");
  expect(added("{say: x, next: {}} # why")).toBe("  a: {say: x, next: {accept: a}} # why\n# end\n");
  expect(added("\n    say: x # said")).toBe("  a: \n    say: x # said\n    next:\n      accept: a\n# end\n");
  expect(added("\n    next: # none yet\n    say: x")).toBe("  a: \n    next: # none yet\n      accept: a\n    say: x\n# end\n");
  expect(added("\n    next: {deny: a}")).toBe("  a: \n    next: {deny: a, accept: a}\n# end\n");
});

it("quotes stay, and what YAML would read otherwise is quoted", () => {
  const words = (given: string, then: string): string => edit.setLine(`lines:\n  a: ${given}\n`, "a", 0, then).slice(12);
  expect(words('"您好" # hi', "再见")).toBe('"再见" # hi\n');
  expect(words("'您好'", "再见")).toBe("'再见'\n");
  expect(words("您好", "yes")).toBe('"yes"\n');
  expect(words("您好", "12:30")).toBe('"12:30"\n');
  expect(words("您好", "两\n行")).toBe("两 行\n");
  expect(words("|\n    您好\n    再见", "好")).toBe("好\n");
});

it("a text that is no YAML is not edited", () => {
  expect(() => edit.setTitle("a: [\n", "x")).toThrow();
  expect(drawn("a: [\n")).toBeNull();
});

it("edits in different lines merge, and edits of the same lines are asked about, losing neither", () => {
  const base = "a: 1\nb: 2\nc: 3\nd: 4\n";
  expect(merged("a: 9\nb: 2\nc: 3\nd: 4\n", base, "a: 1\nb: 2\nc: 3\nd: 8\n")).toEqual(["a: 9\nb: 2\nc: 3\nd: 8\n"]);
  const pieces = merged("a: 9\nb: 2\nc: 3\nd: 4\n", base, "a: 7\nb: 2\nc: 3\nd: 8\n");
  expect(clashes(pieces)).toEqual([{ mine: "a: 9\n", base: "a: 1\n", theirs: "a: 7\n" }]);
  expect(settled(pieces, ["mine"])).toBe("a: 9\nb: 2\nc: 3\nd: 8\n");
  expect(settled(pieces, ["theirs"])).toBe("a: 7\nb: 2\nc: 3\nd: 8\n");
  expect(settled(pieces, ["both"])).toBe("a: 9\na: 7\nb: 2\nc: 3\nd: 8\n");
  expect(merged("a: 9\nb: 2\n", "a: 1\nb: 2\n", "a: 1\nb: 8\n")).toEqual(["a: 9\nb: 8\n"]);
  expect(settled(merged("a\nb", "a\n", "a\nc"), ["both"])).toBe("a\nb\nc");
});

it("what is answered at any time is a place of its own", () => {
  const [, text] = SCRIPTS[0] ?? ["", ""];
  const anywhere = read(text).places.find((one) => one.name === ANYWHERE);
  expect(anywhere?.ways.map((way) => way.kind)).toContain("silence");
});
