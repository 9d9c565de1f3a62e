import { Background, Controls, MarkerType, ReactFlow, ReactFlowProvider, useReactFlow, type Edge as FlowEdge, type ReactFlowInstance } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { Switch } from "antd";
import { useEffect, useMemo, useState, type KeyboardEvent, type ReactNode } from "react";

import type { Rehearsed } from "../../api/scripts";
import { useWords } from "../../words";
import { countsOf } from "./canvas/counted";
import { edgesOf, HEIGHT, laidOut, neighbour, shapeOf, sizeOf, WIDTH, type Edge, type Spots } from "./canvas/layout";
import { ANYWHERE, type Drawn } from "./canvas/script_read";
import { useNames } from "./names";
import { StepNode, type StepBox } from "./StepNode";

export interface Marks {
  errors: number;
  warnings: number;
}

interface Props {
  script: Drawn;
  selected: string | null;
  marks: ReadonlyMap<string, Marks>;
  rehearsed: Rehearsed | null;
  callees: number;
  canWrite: boolean;
  onSelect: (name: string | null) => void;
  onEnter: () => void;
  onConnect: (from: string, to: string) => void;
  onReconnect: (edge: Edge, to: string) => void;
  onRemove: (name: string) => void;
}

const KINDS = { step: StepNode };
const ARROWS = ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"];
/** Names of ways that an edge has room for. */
const MOST_NAMES = 2;
const LEAST_READABLE = 0.62;
const START_ZOOM = 0.8;

/** The script as a graph, arranged by itself; who uses the keyboard walks it with the arrows. */
export function Graph(props: Props): ReactNode {
  return (
    <ReactFlowProvider>
      <Drawing {...props} />
    </ReactFlowProvider>
  );
}

function Drawing(props: Props): ReactNode {
  const words = useWords().scripts.graph;
  const { script, selected, canWrite } = props;
  const [showsAnywhere, setShowsAnywhere] = useState(false);
  const shape = shapeOf(script);
  const spots = useMemo(() => laidOut(shape), [shape]);
  const edges = edgesOf(script);
  const isShown = (edge: Edge): boolean => edge.from !== ANYWHERE || showsAnywhere || selected === ANYWHERE;
  const shown = edges.filter(isShown);
  const keyed = (event: KeyboardEvent): void => {
    const at = event.target instanceof Element ? event.target.closest(".react-flow__node")?.getAttribute("data-id") : null;
    if (at == null) return;
    if (ARROWS.includes(event.key)) {
      event.preventDefault();
      const next = neighbour(spots, edges, at, event.key);
      if (next === undefined) return;
      props.onSelect(next);
      document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(next)}"]`)?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      props.onSelect(at);
      props.onEnter();
    } else if (event.key === "Delete" && canWrite) props.onRemove(at);
  };
  return (
    <>
      <ReactFlow<StepBox>
        aria-label={words.label}
        nodes={useBoxes(props, spots)}
        edges={useArrows(shown, props)}
        nodeTypes={KINDS}
        nodesDraggable={false}
        edgesFocusable={false}
        edgesReconnectable={canWrite}
        disableKeyboardA11y
        deleteKeyCode={null}
        panOnScroll
        minZoom={0.2}
        maxZoom={1.5}
        onInit={(flow) => void begin(flow, spots, script.start)}
        onNodeClick={(_, box) => props.onSelect(box.id)}
        onPaneClick={() => props.onSelect(null)}
        onConnect={({ source, target }) => props.onConnect(source, target)}
        onReconnect={(old, { target }) => {
          const edge = edges.find((one) => one.id === old.id);
          if (edge !== undefined) props.onReconnect(edge, target);
        }}
        onKeyDown={keyed}
      >
        <Background gap={24} />
        <Controls showInteractive={false} aria-label={words.label} />
        <Follows selected={selected} spots={spots} />
      </ReactFlow>
      <label className="quiet graph-switch">
        <Switch size="small" checked={showsAnywhere} onChange={setShowsAnywhere} aria-label={words.showAnywhere} />
        {words.showAnywhere}
      </label>
    </>
  );
}

/** All of it where it can be read so; otherwise the beginning. */
function begin(flow: ReactFlowInstance<StepBox>, spots: Spots, start: string): Promise<boolean> {
  const ground = document.querySelector(".graph");
  const first = spots.get(start);
  const { width, height } = sizeOf(spots);
  const zoom = Math.min((ground?.clientWidth ?? 0) / width, (ground?.clientHeight ?? 0) / height);
  if (first === undefined || zoom > LEAST_READABLE) return flow.fitView({ padding: 0.06, maxZoom: 1 });
  const above = (ground?.clientHeight ?? 0) / 2 / START_ZOOM - HEIGHT;
  return flow.setCenter(first.x + WIDTH / 2, first.y + above, { zoom: START_ZOOM });
}

/** Brings what was chosen into sight, wherever it was chosen. */
function Follows({ selected, spots }: { selected: string | null; spots: Spots }): null {
  const { getViewport, setCenter } = useReactFlow();
  const spot = selected === null ? undefined : spots.get(selected);
  const x = spot?.x;
  const y = spot?.y;
  useEffect(() => {
    if (x === undefined || y === undefined) return;
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    void setCenter(x + WIDTH / 2, y + HEIGHT / 2, { zoom: Math.max(getViewport().zoom, LEAST_READABLE), duration: isStill ? 0 : 200 });
  }, [x, y, getViewport, setCenter]);
  return null;
}

function useBoxes({ script, selected, marks, rehearsed, callees, canWrite }: Props, spots: Spots): StepBox[] {
  const names = useNames();
  const size = { width: WIDTH, height: HEIGHT };
  return script.places.map((place) => {
    const { errors = 0, warnings = 0 } = marks.get(place.name) ?? {};
    const hasCount = rehearsed !== null && (place.kind === "step" || place.kind === "end");
    return {
      id: place.name,
      type: "step",
      position: spots.get(place.name) ?? { x: 0, y: 0 },
      selected: place.name === selected,
      ...size,
      measured: size,
      ariaLabel: [names.place(place.name), names.kind(place), place.says[0]?.texts[0] ?? ""].filter(Boolean).join(", "),
      data: {
        place,
        isFirst: place.name === script.start,
        errors,
        warnings,
        canConnect: canWrite,
        reached: hasCount ? ([rehearsed.steps_reached[place.name] ?? 0, callees] as const) : null,
      },
    };
  });
}

function useArrows(edges: readonly Edge[], { rehearsed, selected }: Props): FlowEdge[] {
  const words = useWords().scripts.graph;
  const names = useNames();
  const counts = rehearsed === null ? null : countsOf(edges, rehearsed.ways_taken);
  return edges.map((edge) => {
    const told = edge.ways.slice(0, MOST_NAMES).map(names.way).join(" / ") + (edge.ways.length > MOST_NAMES ? " …" : "");
    const count = counts?.get(edge.id);
    const isNear = edge.from === selected || edge.to === selected;
    const isAnywhere = edge.from === ANYWHERE;
    const label = [isAnywhere && !isNear ? "" : told, count === undefined ? "" : words.times(count)].filter(Boolean).join(" · ");
    return {
      id: edge.id,
      source: edge.from,
      target: edge.to,
      label,
      className: `${isAnywhere ? "anywhere " : ""}${isNear ? "near " : ""}${count === 0 ? "never" : ""}`,
      reconnectable: "target",
      markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16 },
    };
  });
}
