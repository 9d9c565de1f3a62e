import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import type { ReactNode } from "react";

import { useWords } from "../../words";
import type { Place } from "./canvas/script_read";
import { useNames } from "./names";

export interface Shown extends Record<string, unknown> {
  place: Place;
  isFirst: boolean;
  errors: number;
  warnings: number;
  /** How many rehearsed calls came here, of how many. */
  reached: readonly [number, number] | null;
  canConnect: boolean;
}

export type StepBox = Node<Shown, "step">;

/** A step as the graph shows it: its name, what it says, what is wrong with it, how many came here. */
export function StepNode({ data, selected }: NodeProps<StepBox>): ReactNode {
  const words = useWords().scripts.graph;
  const names = useNames();
  const { place, errors, warnings, reached } = data;
  const says = place.says.find((one) => one.key === "say")?.texts[0];
  const isOpen = data.canConnect && (place.kind === "step" || place.kind === "branch" || place.kind === "anywhere");
  return (
    <div className={`step-node ${place.kind}${selected ? " selected" : ""}${errors > 0 ? " wrong" : ""}`}>
      <Handle type="target" position={Position.Top} isConnectable={data.canConnect && place.kind !== "anywhere"} />
      <strong>{names.place(place.name)}</strong>
      <p>{says ?? (place.kind === "anywhere" ? words.anywhereWhy : names.kind(place))}</p>
      <span className="badges">
        {data.isFirst && <em>{words.first}</em>}
        {place.grade !== null && <em>{place.grade}</em>}
        {errors + warnings > 0 && <em className={errors > 0 ? "bad" : "wait"}>{words.findings(errors + warnings)}</em>}
        {reached !== null && <em className={reached[0] === 0 ? "wait" : "good"}>{words.reached(...reached)}</em>}
      </span>
      <Handle type="source" position={Position.Bottom} isConnectable={isOpen} />
    </div>
  );
}
