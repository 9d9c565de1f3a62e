/** How often a rehearsal took the ways that the canvas draws. Pure. */
import type { Taken } from "../../../api/scripts";
import type { Edge } from "./layout";
import { ANYWHERE } from "./script_read";

/** By edge. What is answered on the spot leads nowhere and has none; what the text no longer says is left out. */
export function countsOf(edges: readonly Edge[], taken: readonly Taken[]): Map<string, number> {
  const known = new Set(edges.map((one) => one.id));
  const counts = new Map<string, number>(edges.map((one) => [one.id, 0]));
  for (const { from, to, count } of taken) {
    const id = `${from === "anywhere" ? ANYWHERE : from}→${to ?? ""}`;
    if (!known.has(id)) continue;
    counts.set(id, (counts.get(id) ?? 0) + count);
  }
  return counts;
}
