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

/** The top left corner of every place of a shape. What is answered at any time pulls nothing towards it. */
export function laidOut(shape: string): Spots {
  const [names, edges] = JSON.parse(shape) as [string[], [string, string][]];
  const graph = new Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 36, ranksep: 62, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const name of names) graph.setNode(name, { width: WIDTH, height: HEIGHT });
  for (const [from, to] of edges) {
    if (from === to) continue;
    const isOwn = from !== ANYWHERE;
    graph.setEdge(from, to, { weight: isOwn ? 4 : 0, minlen: 1, width: isOwn ? 60 : 0, height: isOwn ? 16 : 0 });
  }
  layout(graph);
  return new Map(
    names.map((name) => {
      const { x, y } = graph.node(name) as { x: number; y: number };
      return [name, { x: x - WIDTH / 2, y: y - HEIGHT / 2 }];
    }),
  );
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
