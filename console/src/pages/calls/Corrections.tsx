import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Radio, Select } from "antd";
import { useState, type ReactNode } from "react";

import { call, correctGrade, correctTurn, type CallDetail, type GradeDue, type Turn, type TurnMeant } from "../../api/calls";
import type { Who } from "../../api/signed_in";
import { FormDialog } from "../../parts/FormDialog";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";

const GRADES = ["A", "B", "C", "D", "E", "F"];

/** Whoever reads the words and may do more than read. */
export function mayCorrect(one: CallDetail, who: Who): boolean {
  return !one.is_withheld && who.permissions.includes("calls:correct");
}

/** A correction; afterwards the call is read anew, and its recording is not: it plays on. */
function useCorrecting<Asked>(id: number, write: (asked: Asked) => Promise<unknown>) {
  const known = useQueryClient();
  return useMutation({
    mutationFn: write,
    onSuccess: () => known.invalidateQueries({ queryKey: call(id).queryKey, exact: true }),
  });
}

interface TurnProps {
  id: number;
  turn: Turn;
  may: boolean;
}

/** What people say a sentence meant, beside what was understood; and a way to say so. */
export function TurnCorrected({ id, turn, may }: TurnProps): ReactNode {
  const all = useWords();
  const words = all.corrections;
  const { time } = useFigures();
  const [isOpen, setOpen] = useState(false);
  const correcting = useCorrecting(id, (meant: TurnMeant) => correctTurn(id, turn.position, meant));
  const [standing, ...earlier] = turn.corrections;
  const leave = (): void => {
    setOpen(false);
    correcting.reset();
  };
  const start: Partial<TurnMeant> =
    standing === undefined ? {} : { meaning: standing.meaning as TurnMeant["meaning"], heard: standing.heard ?? null };
  return (
    <>
      {standing !== undefined && (
        <div className="corrected">
          <strong>{words.meant(named(all.names.meanings, standing.meaning))}</strong>
          {standing.heard != null && <p>{words.really(standing.heard)}</p>}
          <small>{[words.by(standing.by, time(standing.at)), earlier.length > 0 && words.earlier(earlier.length)].filter(Boolean).join(" · ")}</small>
        </div>
      )}
      {may && (
        <Button size="small" type="link" aria-label={words.correctTurn(turn.heard ?? "")} onClick={() => setOpen(true)}>
          {words.correct}
        </Button>
      )}
      {isOpen && (
        <FormDialog<TurnMeant>
          title={words.turnTitle}
          does={all.doing.save}
          problem={correcting.error}
          isSaving={correcting.isPending}
          start={start}
          onCancel={leave}
          onSave={(meant) => correcting.mutate(meant, { onSuccess: leave })}
        >
          <p>
            {words.said}
            {words.quoted(turn.heard ?? "")}
          </p>
          <Form.Item
            name="meaning"
            label={words.meaning}
            extra={words.refuses}
            rules={[{ required: true, message: all.signIn.required }]}
          >
            <Select
              showSearch={{ optionFilterProp: "label" }}
              options={Object.entries(all.names.meanings).map(([value, label]) => ({ value, label }))}
            />
          </Form.Item>
          <Form.Item name="heard" label={words.heard} extra={words.heardHint}>
            <Input.TextArea maxLength={2000} autoSize={{ minRows: 1 }} />
          </Form.Item>
          <p className="quiet">{words.turnWhy}</p>
        </FormDialog>
      )}
    </>
  );
}

/** The grade with its reason and the words that gave it, and what people say it should have been. */
export function Graded({ call: one, reason, may }: { call: CallDetail; reason: string | null; may: boolean }): ReactNode {
  const all = useWords();
  const words = all.corrections;
  const { time } = useFigures();
  const [isOpen, setOpen] = useState(false);
  const correcting = useCorrecting(one.id, (due: GradeDue) => correctGrade(one.id, due));
  const [standing, ...earlier] = one.grade_corrections;
  const leave = (): void => {
    setOpen(false);
    correcting.reset();
  };
  return (
    <>
      {[one.grade ?? "—", reason, ...(one.why?.words ?? []).map(words.quoted)].filter(Boolean).join(" · ")}{" "}
      {standing !== undefined && (
        <div className="corrected">
          <strong>{words.due(standing.grade)}</strong>
          {standing.reason != null && <p>{standing.reason}</p>}
          <small>{[words.by(standing.by, time(standing.at)), earlier.length > 0 && words.earlier(earlier.length)].filter(Boolean).join(" · ")}</small>
        </div>
      )}
      {may && one.state === "ended" && (
        <Button size="small" type="link" onClick={() => setOpen(true)}>
          {words.correctGrade}
        </Button>
      )}
      {isOpen && (
        <FormDialog<GradeDue>
          title={words.gradeTitle}
          does={all.doing.save}
          problem={correcting.error}
          isSaving={correcting.isPending}
          onCancel={leave}
          onSave={(due) => correcting.mutate(due, { onSuccess: leave })}
        >
          <p>{words.gradeWhy}</p>
          <Form.Item name="grade" label={words.grade} rules={[{ required: true, message: all.signIn.required }]}>
            <Radio.Group optionType="button" options={GRADES} />
          </Form.Item>
          <Form.Item
            name="reason"
            label={all.doing.reason}
            extra={words.reasonHint}
            rules={[{ required: true, whitespace: true, message: all.signIn.required }]}
          >
            <Input.TextArea maxLength={2000} autoSize={{ minRows: 2 }} />
          </Form.Item>
        </FormDialog>
      )}
    </>
  );
}
