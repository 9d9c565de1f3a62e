import { Alert, Modal } from "antd";
import { useState, type ReactNode, type RefObject } from "react";

import { useWords } from "../../words";
import { AddWay } from "./AddWay";
import type { Drawn } from "./canvas/script_read";
import { leadTo } from "./canvas/yaml_edit";
import type { Run } from "./Desk";
import { Graph, type Marks } from "./Graph";
import { StepPanel, type Edit } from "./StepPanel";

interface Props {
  script: Drawn | null;
  /** The text can be read as it stands. */
  isReadable: boolean;
  selected: string | null;
  marks: ReadonlyMap<string, Marks>;
  run: Run | null;
  canWrite: boolean;
  panel: RefObject<HTMLDivElement | null>;
  edit: Edit;
  onSelect: (name: string | null) => void;
  onText: (line: number) => void;
  onRemove: (name: string) => void;
}

/** The graph, and beneath it what can be done with the step that is chosen. */
export function Canvas({ script, isReadable, selected, marks, run, canWrite, panel, edit, onSelect, onText, onRemove }: Props): ReactNode {
  const words = useWords().scripts;
  const [drawnWay, setDrawnWay] = useState<{ from: string; to: string } | null>(null);
  const mayEdit = canWrite && isReadable;
  const from = script?.places.find((one) => one.name === drawnWay?.from);
  return (
    <section className="desk-graph" aria-label={words.graph.label}>
      {!isReadable && <Alert type="warning" showIcon title={words.graph.unreadable} />}
      {script !== null && (
        <>
          <div className="graph">
            <Graph
              script={script}
              selected={selected}
              marks={marks}
              rehearsed={run?.result ?? null}
              callees={run?.callees ?? 0}
              canWrite={mayEdit}
              onSelect={onSelect}
              onEnter={() => setTimeout(() => panel.current?.querySelector<HTMLElement>("textarea, input")?.focus())}
              onConnect={(begin, end) => setDrawnWay({ from: begin, to: end })}
              onReconnect={(edge, to) => edit((text) => edge.ways.reduce((whole, way) => leadTo(whole, way, to), text))}
              onRemove={onRemove}
            />
          </div>
          <p className="quiet graph-hint">{words.graph.hint}</p>
          <div ref={panel}>
            <StepPanel
              script={script}
              place={script.places.find((one) => one.name === selected) ?? null}
              canWrite={mayEdit}
              edit={edit}
              onSelect={onSelect}
              onText={onText}
              onRemove={onRemove}
            />
          </div>
          {drawnWay !== null && from !== undefined && (
            <Modal open title={`${drawnWay.from} → ${drawnWay.to}`} footer={null} onCancel={() => setDrawnWay(null)}>
              <AddWay script={script} from={from} to={drawnWay.to} edit={edit} onDone={() => setDrawnWay(null)} />
            </Modal>
          )}
        </>
      )}
    </section>
  );
}
