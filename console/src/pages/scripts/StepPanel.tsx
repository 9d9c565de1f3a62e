import { Button, Select } from "antd";
import type { ReactNode } from "react";

import { useWords } from "../../words";
import { saidAt, sayWords, setField, setLine, setStart, setTitle, renameStep } from "./canvas/yaml_edit";
import type { Drawn, Place, Said } from "./canvas/script_read";
import { Field, Live, Once } from "./fields";
import { useNames } from "./names";
import { Ways } from "./Ways";

export type Edit = (change: (text: string) => string, chosen?: string | null) => void;

interface Props {
  script: Drawn;
  place: Place | null;
  canWrite: boolean;
  edit: Edit;
  onSelect: (name: string) => void;
  onText: (line: number) => void;
  onRemove: (name: string) => void;
}

const GRADES = ["A", "B", "C", "D", "E", "F"].map((value) => ({ value, label: value }));

/** What one can do with the place that is chosen. */
export function StepPanel({ script, place, canWrite, edit, onSelect, onText, onRemove }: Props): ReactNode {
  const words = useWords().scripts.step;
  const names = useNames();
  if (place === null) {
    return (
      <div className="step-panel">
        <p className="quiet">{words.none}</p>
        <Field label={words.title}>
          <Once key={script.title} label={words.title} value={script.title} isReadOnly={!canWrite} onChange={(title) => edit((text) => setTitle(text, title))} />
        </Field>
      </div>
    );
  }
  const isOwn = place.kind === "step" || place.kind === "end";
  return (
    <div className="step-panel">
      <div className="heading">
        <h2>
          {names.place(place.name)} <small>{names.kind(place)}</small>
        </h2>
        <span className="actions">
          {place.kind !== "missing" && <Button size="small" onClick={() => onText(place.at)}>{words.toText}</Button>}
          {canWrite && isOwn && script.start !== place.name && (
            <Button size="small" onClick={() => edit((text) => setStart(text, place.name))}>
              {words.makeFirst}
            </Button>
          )}
          {canWrite && (isOwn || place.kind === "branch") && (
            <Button size="small" danger onClick={() => onRemove(place.name)}>
              {words.remove}
            </Button>
          )}
        </span>
      </div>
      <div className="step-fields">
        {place.says.map((said) => (
          <Words key={`${place.name} ${said.key}`} script={script} place={place} said={said} canWrite={canWrite} edit={edit} />
        ))}
        {canWrite && isOwn && !place.says.some((one) => one.key === "say") && <NewWords place={place} edit={edit} said="say" />}
        {canWrite && place.kind === "step" && !place.says.some((one) => one.key === "again") && (
          <NewWords place={place} edit={edit} said="again" />
        )}
        {isOwn && <Short script={script} place={place} canWrite={canWrite} edit={edit} />}
      </div>
      {place.kind !== "end" && place.kind !== "missing" && (
        <Ways key={place.name} script={script} place={place} canWrite={canWrite} edit={edit} onSelect={onSelect} />
      )}
    </div>
  );
}

function Short({ script, place, canWrite, edit }: { script: Drawn; place: Place; canWrite: boolean; edit: Edit }): ReactNode {
  const words = useWords().scripts.step;
  const questions = Object.entries(words.questions).map(([value, label]) => ({ value, label }));
  const taken = (name: string): boolean => script.places.some((one) => one.name === name && one.kind !== "missing");
  return (
    <div className="step-short">
      <Field label={words.name}>
        <Once
          key={place.name}
          label={words.name}
          value={place.name}
          isReadOnly={!canWrite}
          wrong={(name) => (name !== place.name && taken(name) ? words.nameTaken : /^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u.test(name) ? null : "a-z 0-9 _ - 汉字")}
          onChange={(name) => edit((text) => renameStep(text, place.name, name), name)}
        />
      </Field>
      {place.kind === "step" ? (
        <Field label={words.question}>
          <Select
            aria-label={words.question}
            disabled={!canWrite}
            value={place.question}
            options={questions}
            onChange={(value) => edit((text) => setField(text, place.name, "question", value))}
          />
        </Field>
      ) : (
        <>
          <Field label={words.grade}>
            <Select
              aria-label={words.grade}
              disabled={!canWrite}
              value={place.grade}
              options={GRADES}
              onChange={(value) => edit((text) => setField(text, place.name, "grade", value))}
            />
          </Field>
          <Field label={words.outcome}>
            <Once
              key={place.outcome}
              label={words.outcome}
              value={place.outcome ?? ""}
              isReadOnly={!canWrite}
              onChange={(value) => edit((text) => setField(text, place.name, "outcome", value))}
            />
          </Field>
        </>
      )}
    </div>
  );
}

interface WordsProps {
  script: Drawn;
  place: Place;
  said: Said;
  canWrite: boolean;
  edit: Edit;
}

function Words({ script, place, said, canWrite, edit }: WordsProps): ReactNode {
  const words = useWords().scripts.step;
  const others = saidAt(script, said.line).filter((one) => one !== place.name);
  return (
    <>
      {said.texts.map((text, n) => {
        const label = words.says[said.key] + (said.texts.length > 1 ? ` · ${words.wording(n + 1)}` : "");
        return (
          <Field key={n} label={label}>
            <Live label={label} value={text} isReadOnly={!canWrite} onChange={(typed) => edit((whole) => setLine(whole, said.line, n, typed))} />
          </Field>
        );
      })}
      {others.length > 0 && <small>{words.shared(others.join("、"))}</small>}
    </>
  );
}

function NewWords({ place, said, edit }: { place: Place; said: "say" | "again"; edit: Edit }): ReactNode {
  const words = useWords().scripts.step;
  const label = said === "say" ? words.says.say : words.addAgain;
  return (
    <Field label={label}>
      <Once label={label} value="" onChange={(typed) => edit((text) => sayWords(text, place.name, said, 0, typed))} />
    </Field>
  );
}
