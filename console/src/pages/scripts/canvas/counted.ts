/** How often a rehearsal took the ways that the canvas draws. Pure. */
import type { Taken } from "../../../api/scripts";
import type { Edge } from "./layout";
import { ANYWHERE } from "./script_read";

/** By edge; a way that its step does not write itself is one of those taken from anywhere. */
export function countsOf(edges: readonly Edge[], taken: readonly Taken[]): Map<string, number> {
  const known = new Set(edges.map((one) => one.id));
  const counts = new Map<string, number>(edges.map((one) => [one.id, 0]));
  for (const { from, to, count } of taken) {
    if (to === null) continue;
    const own = `${from}→${to}`;
    const id = known.has(own) ? own : `${ANYWHERE}→${to}`;
    counts.set(id, (counts.get(id) ?? 0) + count);
  }
  return counts;
}
