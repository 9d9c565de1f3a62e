/** Where the canvas puts steps: in the order of the conversation, from top to bottom. Pure. */
import { Graph, layout } from "@dagrejs/dagre";

import { ANYWHERE, type Drawn, type Way } from "./script_read";

/** All ways from one place to another, drawn as one. */
export interface Edge {
  id: string;
  from: string;
  to: string;
  ways: readonly Way[];
}

export const WIDTH = 208;
export const HEIGHT = 84;

export function edgesOf(script: Drawn): Edge[] {
  const edges = new Map<string, Edge>();
  for (const place of script.places) {
    for (const way of place.ways) {
      if (way.to === null) continue;
      const id = `${place.name}→${way.to}`;
      const edge = edges.get(id) ?? { id, from: place.name, to: way.to, ways: [] };
      edges.set(id, { ...edge, ways: [...edge.ways, way] });
    }
  }
  return [...edges.values()];
}

export type Spots = ReadonlyMap<string, { x: number; y: number }>;

/** What the arrangement depends on, as text: as long as it is the same, nothing moves. */
export function shapeOf(script: Drawn): string {
  const edges = edgesOf(script).map(({ from, to }) => [from, to]);
  return JSON.stringify([script.places.map((one) => one.name), edges]);
}

const GAP = 36;
/** Room for what stands on an arrow, in the longer of the two languages. */
const LABEL = { width: 132, height: 16 };
/** What stands apart from the conversation is put in so many columns. */
const COLUMNS = 2;

/**
 * The top left corner of every place of a shape: the conversation from top to bottom; to its right what is answered
 * at any time, and the places to which that alone leads.
 */
export function laidOut(shape: string): Spots {
  const [names, edges] = JSON.parse(shape) as [string[], [string, string][]];
  const own = edges.filter(([from, to]) => from !== ANYWHERE && from !== to);
  const joined = new Set(own.flat());
  const talk = names.filter((name) => joined.has(name));
  const apart = [ANYWHERE, ...names.filter((name) => name !== ANYWHERE && !joined.has(name))];
  const graph = new Graph();
  graph.setGraph({ rankdir: "TB", nodesep: GAP, ranksep: 62, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const name of talk) graph.setNode(name, { width: WIDTH, height: HEIGHT });
  for (const [from, to] of own) graph.setEdge(from, to, { ...LABEL });
  layout(graph);
  const spots = new Map<string, { x: number; y: number }>();
  for (const name of talk) {
    const { x, y } = graph.node(name) as { x: number; y: number };
    spots.set(name, { x: x - WIDTH / 2, y: y - HEIGHT / 2 });
  }
  const right = Math.max(0, ...[...spots.values()].map(({ x }) => x + WIDTH + 2 * GAP));
  apart.forEach((name, n) => {
    spots.set(name, { x: right + (n % COLUMNS) * (WIDTH + GAP), y: Math.floor(n / COLUMNS) * (HEIGHT + GAP) });
  });
  return spots;
}

/** How large it all is. */
export function sizeOf(spots: Spots): { width: number; height: number } {
  const all = [...spots.values()];
  return { width: Math.max(...all.map(({ x }) => x + WIDTH)), height: Math.max(...all.map(({ y }) => y + HEIGHT)) };
}

/** The place the keyboard goes to from another: along a way, back along one, or to its neighbour in the row. */
export function neighbour(spots: Spots, edges: readonly Edge[], from: string, key: string): string | undefined {
  const at = spots.get(from);
  if (at === undefined) return [...spots.keys()][0];
  if (key === "ArrowDown") return edges.find((edge) => edge.from === from && edge.to !== from)?.to;
  if (key === "ArrowUp") return edges.find((edge) => edge.to === from && edge.from !== from)?.from;
  const row = [...spots].filter(([, spot]) => Math.abs(spot.y - at.y) < HEIGHT).sort(([, a], [, b]) => a.x - b.x);
  return row[row.findIndex(([name]) => name === from) + (key === "ArrowRight" ? 1 : -1)]?.[0];
}
