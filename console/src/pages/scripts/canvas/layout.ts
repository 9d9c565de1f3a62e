/** Where the canvas puts steps: in the order of the conversation, from top to bottom. Pure. */
import { Graph, layout } from "@dagrejs/dagre";

import { ANYWHERE, type Drawn, type Place, type Way } from "./script_read";

export interface Box {
  place: Place;
  x: number;
  y: number;
}

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

/** Boxes with their top left corners. What is answered at any time pulls nothing towards it. */
export function laidOut(script: Drawn, edges: readonly Edge[]): Box[] {
  const graph = new Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 36, ranksep: 62, marginx: 16, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const place of script.places) graph.setNode(place.name, { width: WIDTH, height: HEIGHT });
  const known = new Set(script.places.map((one) => one.name));
  for (const edge of edges) {
    if (!known.has(edge.from) || !known.has(edge.to) || edge.from === edge.to) continue;
    const isOwn = edge.from !== ANYWHERE;
    graph.setEdge(edge.from, edge.to, { weight: isOwn ? 4 : 0, minlen: 1, width: isOwn ? 60 : 0, height: isOwn ? 16 : 0 });
  }
  layout(graph);
  return script.places.map((place) => {
    const { x, y } = graph.node(place.name) as { x: number; y: number };
    return { place, x: x - WIDTH / 2, y: y - HEIGHT / 2 };
  });
}

/** The place the keyboard goes to from another: along a way, back along one, or to its neighbour in the row. */
export function neighbour(boxes: readonly Box[], edges: readonly Edge[], from: string, key: string): string | undefined {
  const at = boxes.find((box) => box.place.name === from);
  if (at === undefined) return boxes[0]?.place.name;
  if (key === "ArrowDown") return edges.find((edge) => edge.from === from && edge.to !== from)?.to;
  if (key === "ArrowUp") return edges.find((edge) => edge.to === from && edge.from !== from)?.from;
  const row = boxes.filter((box) => Math.abs(box.y - at.y) < HEIGHT).sort((a, b) => a.x - b.x);
  const next = row[row.indexOf(at) + (key === "ArrowRight" ? 1 : -1)];
  return next?.place.name;
}
