import { Button, Input, Select } from "antd";
import { useState, type ReactNode } from "react";

import { named, useWords } from "../../words";
import { MEANINGS, type Drawn, type Place } from "./canvas/script_read";
import { addAnswer, addStep, addWay, freeName } from "./canvas/yaml_edit";
import { Field } from "./fields";
import type { Edit } from "./StepPanel";

interface Props {
  script: Drawn;
  from: Place;
  /** Where it leads, when somebody drew it. */
  to?: string;
  edit: Edit;
  onDone?: () => void;
}

const NEW_STEP = "*step";
const NEW_END = "*end";
const ON_THE_SPOT = "*answer";

/** One more answer: to a step there is, to a new one, or answered on the spot. */
export function AddWay({ script, from, to: drawnTo, edit, onDone }: Props): ReactNode {
  const { scripts, names } = useWords();
  const words = scripts.step;
  const [on, setOn] = useState<string>();
  const [to, setTo] = useState<string | undefined>(drawnTo);
  const [said, setSaid] = useState("");
  const taken = new Set(from.ways.map((way) => way.on));
  const isBranch = from.kind === "branch";
  const heard = MEANINGS.filter((one) => !taken.has(one)).map((value) => ({ value, label: named(names.meanings, value) }));
  const steps = script.places.filter((one) => one.kind !== "anywhere").map(({ name }) => ({ value: name, label: name }));
  const others = [
    { value: NEW_STEP, label: words.newStep },
    { value: NEW_END, label: words.newEnd },
    ...(isBranch ? [] : [{ value: ON_THE_SPOT, label: words.onTheSpot }]),
  ];
  const isNew = to === NEW_STEP || to === NEW_END || to === ON_THE_SPOT;
  const isReady = on !== undefined && on !== "" && !taken.has(on) && to !== undefined && (!isNew || said.trim() !== "");
  const add = (): void => {
    if (!isReady) return;
    const words = said.trim();
    if (to === ON_THE_SPOT) edit((text) => addAnswer(text, from, on, words));
    else if (isNew) {
      const name = freeName(script, from.kind === "anywhere" ? on : `${from.name}_${on}`);
      const step = { name, words, ...(to === NEW_END && { grade: "C" }) };
      const after = from.kind === "step" && to === NEW_STEP ? from.name : undefined;
      edit((text) => addWay(addStep(text, step, after), from, on, name), name);
    } else edit((text) => addWay(text, from, on, to));
    onDone?.();
  };
  return (
    <div className="add-way" role="group" aria-label={words.add}>
      <Field label={isBranch ? words.addArm : words.addOn}>
        {isBranch ? (
          <Input aria-label={words.addArm} value={on ?? ""} onChange={({ target }) => setOn(target.value)} />
        ) : (
          <Select aria-label={words.addOn} showSearch={{ optionFilterProp: "label" }} placeholder={words.add} value={on ?? null} options={heard} onChange={setOn} />
        )}
      </Field>
      <Field label={words.addTo}>
        <Select aria-label={words.addTo} showSearch={{ optionFilterProp: "label" }} value={to ?? null} options={[...others, ...steps]} onChange={setTo} />
      </Field>
      {isNew && (
        <Field label={words.newWords}>
          <Input aria-label={words.newWords} maxLength={400} value={said} onChange={({ target }) => setSaid(target.value)} onPressEnter={add} />
        </Field>
      )}
      <Button onClick={add} disabled={!isReady}>
        {words.addGo}
      </Button>
    </div>
  );
}
