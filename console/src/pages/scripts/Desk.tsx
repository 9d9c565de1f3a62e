import type { EditorView } from "@codemirror/view";
import { Alert, App, Button, Segmented, Tabs } from "antd";
import { useDeferredValue, useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import type { Draft, Finding, Rehearsed } from "../../api/scripts";
import type { Who } from "../../api/signed_in";
import { Mark } from "../../parts/Tone";
import { useWords } from "../../words";
import { ANYWHERE, drawn, type Drawn, type Place } from "./canvas/script_read";
import { removeStep } from "./canvas/yaml_edit";
import { CannotEdit } from "./canvas/yaml_text";
import { Clips } from "./Clips";
import { forget, keep, kept } from "./draft";
import { Findings } from "./Findings";
import { Canvas } from "./Canvas";
import type { Marks } from "./Graph";
import { MergeDialog } from "./MergeDialog";
import { Rehearsal } from "./Rehearsal";
import type { Edit } from "./StepPanel";
import { SubmitDialog } from "./SubmitDialog";
import { Talk } from "./Talk";
import { becomes, goTo, redoIn, scrollTo, showFindings, undoIn, type Seen } from "./text_editor";
import { TextEditor } from "./TextEditor";
import { useChecked } from "./useChecked";
import { useSaving } from "./useSaving";
import { Versions } from "./Versions";
import "./scripts.css";

type View = "both" | "graph" | "text";

export interface Run {
  text: string;
  callees: number;
  result: Rehearsed;
}

/** One script: graph and text of the same YAML, and beneath them everything one does with it. */
export function Desk({ name, opened, who }: { name: string; opened: Draft; who: Who }): ReactNode {
  const all = useWords();
  const words = all.scripts;
  const { modal, message } = App.useApp();
  const canWrite = who.permissions.includes("scripts:write");
  const [draft] = useState(() => (canWrite ? kept(who, name) : null));
  const [view, setView] = useState<EditorView | null>(null);
  const [seen, setSeen] = useState<Seen>({ text: draft?.text ?? opened.text, canUndo: false, canRedo: false, line: null });
  const [shows, setShows] = useState<View>("both");
  const [selected, setSelected] = useState<string | null>(null);
  const [run, setRun] = useState<Run | null>(null);
  const [tab, setTab] = useState(location.hash === "#versions" ? "versions" : "findings");
  const [isSubmitting, setSubmitting] = useState(false);
  const [isKeptShown, setKeptShown] = useState(draft !== null);
  const panel = useRef<HTMLDivElement>(null);
  const saving = useSaving(name, draft === null ? { text: opened.text, etag: opened.etag } : { text: draft.base, etag: draft.etag });
  const { text } = seen;
  const isChanged = text !== saving.base.text;
  const checking = useChecked(text);
  const findings = checking.found?.findings;
  const { script, isReadable } = useDrawn(text);
  const marks = script === null || findings === undefined ? NO_MARKS : marksOf(script, findings);
  const errors = findings?.filter((one) => one.level === "error").length ?? 0;

  useEffect(() => {
    if (!canWrite) return;
    if (isChanged) keep(who, name, { text, base: saving.base.text, etag: saving.base.etag });
    else forget(who, name);
  }, [canWrite, isChanged, who, name, text, saving.base]);
  useEffect(() => {
    if (view !== null && findings !== undefined && !checking.isOld) showFindings(view, findings);
  }, [view, findings, checking.isOld]);

  const edit: Edit = (change, chosen) => {
    if (view === null) return;
    try {
      becomes(view, change(view.state.doc.toString()));
      if (chosen !== undefined) setSelected(chosen);
    } catch (problem) {
      if (!(problem instanceof CannotEdit)) throw problem;
      modal.warning({ title: words.step.cannot, content: problem.message, okText: all.doing.close });
    }
  };
  const select = (chosen: string | null): void => {
    setSelected(chosen);
    const place = script?.places.find((one) => one.name === chosen);
    if (view !== null && place !== undefined && place.kind !== "missing") scrollTo(view, place.at);
  };
  const remove = (step: string): void => {
    if (script?.places.some((one) => one.name === step && one.kind !== "missing") && step !== ANYWHERE) {
      edit((whole) => removeStep(whole, step), null);
    }
  };
  const saw = (now: Seen): void => {
    setSeen(now);
    const at = now.line === null ? undefined : script?.places.find((one) => isWithin(one, now.line ?? -1));
    if (at !== undefined) setSelected(at.name);
  };
  const toLine = (line: number, column = 0): void => {
    if (shows === "graph") setShows("both");
    if (view !== null) goTo(view, line, column);
  };
  const save = async (): Promise<string | null> => (isChanged ? saving.save(text) : saving.base.etag);
  const merge = async (whole: string): Promise<void> => {
    if (view === null || saving.meanwhile === null) return;
    becomes(view, whole);
    const { text: theirs, etag } = saving.meanwhile;
    saving.rebase({ text: theirs, etag });
    if ((await saving.save(whole, { text: theirs, etag })) !== null) void message.success(words.save.merged);
  };
  const discard = (): void => {
    setKeptShown(false);
    saving.rebase({ text: opened.text, etag: opened.etag });
    if (view !== null) becomes(view, opened.text);
  };

  return (
    <>
      <div className="heading">
        <h1>
          {script?.title ?? name} <small>{name}</small>
        </h1>
        <span className="actions">
          {canWrite && <Mark tone={isChanged ? "wait" : "good"}>{isChanged ? words.save.unsaved : words.save.saved}</Mark>}
          {canWrite && (
            <>
              <Button disabled={!seen.canUndo} onClick={() => view && undoIn(view)}>
                {words.doing.undo}
              </Button>
              <Button disabled={!seen.canRedo} onClick={() => view && redoIn(view)}>
                {words.doing.redo}
              </Button>
              <Button type="primary" disabled={!isChanged} loading={saving.isSaving} onClick={save}>
                {words.save.save}
              </Button>
              <Button onClick={() => setSubmitting(true)}>{words.doing.submit}</Button>
            </>
          )}
        </span>
      </div>
      {isKeptShown && isChanged && (
        <Alert className="problem" type="info" showIcon title={words.save.kept} action={<Button size="small" onClick={discard}>{words.save.discard}</Button>} />
      )}
      <div className="tools">
        <Segmented<View>
          aria-label={words.view.label}
          value={shows}
          onChange={setShows}
          options={(["both", "graph", "text"] as const).map((value) => ({ value, label: words.view[value] }))}
        />
        <Summary errors={errors} warnings={(findings?.length ?? 0) - errors} isOld={checking.isOld} onShow={() => setTab("findings")} />
      </div>
      <div className={`desk ${shows}`}>
        <Canvas
          script={script}
          isReadable={isReadable}
          selected={selected}
          marks={marks}
          run={run}
          canWrite={canWrite}
          panel={panel}
          edit={edit}
          onSelect={select}
          onText={toLine}
          onRemove={remove}
        />
        <section className="desk-text" aria-label={words.text.label}>
          <TextEditor
            initial={draft?.text ?? opened.text}
            label={words.text.label}
            isReadOnly={!canWrite}
            onSeen={saw}
            onSave={() => void save()}
            onOpen={setView}
          />
        </section>
      </div>
      <Tabs
        activeKey={tab}
        onChange={setTab}
        items={[
          { key: "findings", label: words.tabs.findings, children: <Findings checking={checking} onLine={toLine} /> },
          { key: "talk", label: words.tabs.talk, children: <Talk text={text} variables={script?.variables ?? []} onStep={setSelected} /> },
          { key: "rehearsal", label: words.tabs.rehearsal, children: <Rehearsal text={text} run={run} onRun={setRun} onSelect={select} /> },
          { key: "clips", label: words.tabs.clips, children: <Clips name={name} checking={checking} canRender={canWrite} isChanged={isChanged} /> },
          { key: "versions", label: words.tabs.versions, children: <Versions name={name} who={who} /> },
        ]}
      />
      {saving.meanwhile !== null && (
        <MergeDialog
          key={saving.meanwhile.etag}
          mine={text}
          base={saving.base.text}
          theirs={saving.meanwhile}
          isSaving={saving.isSaving}
          onMerge={merge}
          onLater={saving.later}
        />
      )}
      {isSubmitting && (
        <SubmitDialog
          name={name}
          save={save}
          hasErrors={errors > 0}
          onClose={() => setSubmitting(false)}
          onSubmitted={() => {
            setSubmitting(false);
            setTab("versions");
            void message.success(words.versions.submitted);
          }}
        />
      )}
    </>
  );
}

function Summary({ errors, warnings, isOld, onShow }: { errors: number; warnings: number; isOld: boolean; onShow: () => void }): ReactNode {
  const words = useWords().scripts.check;
  return (
    <Button type="text" className="check-summary" aria-live="polite" onClick={onShow}>
      {errors > 0 && <Mark tone="bad">{words.errors(errors)}</Mark>} {warnings > 0 && <Mark tone="wait">{words.warnings(warnings)}</Mark>}{" "}
      {isOld ? words.checking : errors + warnings === 0 && <Mark tone="good">{words.clean}</Mark>}
    </Button>
  );
}

const NO_MARKS: ReadonlyMap<string, Marks> = new Map();

/** The script of the newest text that could be read, and whether that is the text as it stands. */
function useDrawn(text: string): { script: Drawn | null; isReadable: boolean } {
  const late = useDeferredValue(text);
  const now = useMemo(() => drawn(late), [late]);
  const [last, setLast] = useState(now);
  if (now !== null && now !== last) setLast(now);
  return { script: now ?? last, isReadable: now !== null };
}

const isWithin = (place: Place, line: number): boolean => place.kind !== "missing" && place.at <= line && line <= place.until;

/** What is found in a step, or in a line that it says. */
function marksOf(script: Drawn, findings: readonly Finding[]): Map<string, Marks> {
  const marks = new Map<string, Marks>();
  for (const one of findings) {
    const [section, name] = (one.where ?? "").split(".");
    const places = script.places.filter((place) =>
      section === "lines"
        ? place.says.some((said) => said.line === name)
        : section === "steps" || section === "branches"
          ? place.name === name
          : section === "anywhere" && place.name === ANYWHERE,
    );
    for (const { name: at } of places) {
      const { errors, warnings } = marks.get(at) ?? { errors: 0, warnings: 0 };
      marks.set(at, one.level === "error" ? { errors: errors + 1, warnings } : { errors, warnings: warnings + 1 });
    }
  }
  return marks;
}
