import { Button, Select } from "antd";
import type { ReactNode } from "react";

import { useWords } from "../../words";
import { AddWay } from "./AddWay";
import type { Drawn, Place, Way } from "./canvas/script_read";
import { leadTo, removeWay, setLine } from "./canvas/yaml_edit";
import { Live } from "./fields";
import { useNames } from "./names";
import type { Edit } from "./StepPanel";

interface Props {
  script: Drawn;
  place: Place;
  canWrite: boolean;
  edit: Edit;
  onSelect: (name: string) => void;
}

/** What is heard at a place, and where each leads. */
export function Ways({ script, place, canWrite, edit, onSelect }: Props): ReactNode {
  const words = useWords().scripts.step;
  const names = useNames();
  return (
    <>
      <table className="ways">
        <caption>{words.ways}</caption>
        <thead>
          <tr>
            <th scope="col">{words.on}</th>
            <th scope="col">{words.to}</th>
            <th scope="col" aria-label={words.remove} />
          </tr>
        </thead>
        <tbody>
          {place.ways.map((way) => (
            <tr key={way.path.join(".")}>
              <th scope="row">{names.way(way)}</th>
              <td>
                <Leads script={script} way={way} canWrite={canWrite} edit={edit} onSelect={onSelect} />
              </td>
              <td>
                {canWrite && (way.kind === "heard" || way.kind === "arm") && (
                  <Button size="small" type="text" danger aria-label={words.removeWay(names.way(way))} onClick={() => edit((text) => removeWay(text, way))}>
                    ✕
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {place.ways.length === 0 && <p className="quiet">{words.noWays}</p>}
      {canWrite && <AddWay key={`${place.name} ${place.ways.length}`} script={script} from={place} edit={edit} />}
    </>
  );
}

interface LeadsProps {
  script: Drawn;
  way: Way;
  canWrite: boolean;
  edit: Edit;
  onSelect: (name: string) => void;
}

function Leads({ script, way, canWrite, edit, onSelect }: LeadsProps): ReactNode {
  const words = useWords().scripts.step;
  const names = useNames();
  if (way.to === null) {
    const line = way.answer ?? null;
    if (line === null) return <span className="quiet">{words.repeats}</span>;
    const label = `${words.answerLine}: ${names.way(way)}`;
    return (
      <>
        {(script.lines[line] ?? []).map((text, n) => (
          <Live key={n} label={label} value={text} isReadOnly={!canWrite} onChange={(typed) => edit((whole) => setLine(whole, line, n, typed))} />
        ))}
        <small>{words.thenAgain}</small>
      </>
    );
  }
  const to = way.to;
  return (
    <span className="leads">
      <Select
        aria-label={`${names.way(way)} → ${words.to}`}
        showSearch
        disabled={!canWrite}
        value={to}
        options={script.places.filter((one) => one.kind !== "anywhere").map(({ name }) => ({ value: name, label: name }))}
        onChange={(chosen) => edit((text) => leadTo(text, way, chosen))}
      />
      <Button size="small" type="text" aria-label={`→ ${to}`} onClick={() => onSelect(to)}>
        →
      </Button>
    </span>
  );
}
