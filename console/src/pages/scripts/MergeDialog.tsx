import { Modal, Radio } from "antd";
import { useState, type ReactNode } from "react";

import type { Draft } from "../../api/scripts";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { changesBetween, clashes, merged, settled, type Choice } from "./canvas/merge";

interface Props {
  mine: string;
  base: string;
  theirs: Draft;
  isSaving: boolean;
  onMerge: (text: string) => void;
  onLater: () => void;
}

/** Somebody else saved first: who, what they changed, and where both changed the same lines. */
export function MergeDialog({ mine, base, theirs, isSaving, onMerge, onLater }: Props): ReactNode {
  const words = useWords().scripts.save;
  const { time } = useFigures();
  const pieces = merged(mine, base, theirs.text);
  const open = clashes(pieces);
  const [choices, setChoices] = useState<Readonly<Record<number, Choice>>>({});
  return (
    <Modal
      open
      title={words.conflictTitle}
      okText={words.does}
      cancelText={words.later}
      okButtonProps={{ disabled: open.some((_, n) => choices[n] === undefined), loading: isSaving }}
      onOk={() => onMerge(settled(pieces, open.map((_, n) => choices[n] ?? "both")))}
      onCancel={onLater}
      mask={{ closable: false }}
      width={720}
    >
      <p>{words.conflictWho(theirs.edited_by ?? "—", time(theirs.edited_at))}</p>
      <p>{open.length === 0 ? words.merges : words.clashes(open.length)}</p>
      {open.map((clash, n) => (
        <fieldset key={n} className="clash">
          <legend>{n + 1}</legend>
          <Radio.Group
            value={choices[n] ?? null}
            onChange={(event) => setChoices({ ...choices, [n]: event.target.value as Choice })}
            className="stack"
          >
            <Radio value="mine">
              {words.mine}
              <pre>{clash.mine || words.nothing}</pre>
            </Radio>
            <Radio value="theirs">
              {words.theirs}
              <pre>{clash.theirs || words.nothing}</pre>
            </Radio>
            <Radio value="both">{words.both}</Radio>
          </Radio.Group>
        </fieldset>
      ))}
      <details open={open.length === 0}>
        <summary>{words.theirChanges}</summary>
        <ChangedLines before={base} after={theirs.text} />
      </details>
    </Modal>
  );
}

function ChangedLines({ before, after }: { before: string; after: string }): ReactNode {
  const lines = changesBetween(before, after).flatMap(({ from, to, insert }) => {
    const head = before.slice(before.lastIndexOf("\n", from - 1) + 1, from);
    const end = before.indexOf("\n", to);
    const tail = before[to - 1] === "\n" || insert.endsWith("\n") ? "" : before.slice(to, end < 0 ? undefined : end);
    return [
      ...(from === to ? [] : [["-", head + before.slice(from, to) + tail] as const]),
      ...(insert === "" ? [] : [["+", head + insert + tail] as const]),
    ];
  });
  return (
    <pre className="changed">
      {lines.map(([sign, text], n) => (
        <span key={n} className={sign === "+" ? "came" : "went"}>
          {text.trimEnd().replace(/^/gm, `${sign} `)}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}
