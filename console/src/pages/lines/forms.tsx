import { Checkbox, Form, Input, InputNumber, Radio } from "antd";
import type { ReactNode } from "react";

import type { CallerNumber, CallerShown, Line, LineShown } from "../../api/lines";
import { FormDialog } from "../../parts/FormDialog";
import { useWords } from "../../words";

export interface FormProps<Shown, Asked> {
  /** What is changed; undefined when something new is added. */
  old: Shown | undefined;
  problem: Error | null;
  isSaving: boolean;
  onSave: (asked: Asked) => void;
  onCancel: () => void;
}

const PURPOSES = ["marketing", "service", "survey"] as const;

/** The day of an instant, as it is in Beijing: that is how documents are dated. */
const dayOf = (iso: string): string => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date(iso));

export function LineForm({ old, ...dialog }: FormProps<LineShown, Line>): ReactNode {
  const words = useWords();
  const required = [{ required: true, message: words.signIn.required }];
  const start: Partial<Line> =
    old === undefined
      ? { kind: "carrier", capacity: 10, purposes: ["service"] }
      : { ...old, documents_until: old.documents_until === null ? "" : dayOf(old.documents_until) };
  return (
    <FormDialog<Line>
      {...dialog}
      title={old === undefined ? words.lines.addLine : words.lines.changeLine(old.name)}
      does={words.doing.save}
      start={start}
    >
      <Form.Item name="name" label={words.lines.name} rules={required} hidden={old !== undefined}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Form.Item name="kind" label={words.lines.kind} rules={required}>
        <Radio.Group options={Object.entries(words.lines.kinds).map(([value, label]) => ({ value, label }))} />
      </Form.Item>
      <Form.Item name="address" label={words.lines.address} extra={words.lines.addressHint} rules={required}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
      <Form.Item name="capacity" label={words.lines.capacity} extra={words.lines.capacityHint} rules={required}>
        <InputNumber min={1} max={100_000} precision={0} />
      </Form.Item>
      <Form.Item name="purposes" label={words.lines.purposes} rules={required}>
        <Checkbox.Group options={PURPOSES.map((value) => ({ value, label: words.names.purposes[value] }))} />
      </Form.Item>
      <UntilField />
      <p className="quiet">{words.lines.keptWho}</p>
    </FormDialog>
  );
}

export function CallerForm({ old, ...dialog }: FormProps<CallerShown, CallerNumber>): ReactNode {
  const words = useWords();
  const start: Partial<CallerNumber> =
    old === undefined
      ? { is_own: true }
      : { ...old, documents_until: old.documents_until === null ? "" : dayOf(old.documents_until) };
  return (
    <FormDialog<CallerNumber>
      {...dialog}
      title={old === undefined ? words.lines.addNumber : words.lines.changeNumber(old.number)}
      does={words.doing.save}
      start={start}
    >
      <Form.Item
        name="number"
        label={words.lines.number}
        extra={words.lines.numberHint}
        rules={[{ required: true, message: words.signIn.required }]}
        hidden={old !== undefined}
      >
        <Input maxLength={40} inputMode="tel" autoComplete="off" />
      </Form.Item>
      <Form.Item name="is_own" valuePropName="checked">
        <Checkbox>{words.lines.own}</Checkbox>
      </Form.Item>
      <UntilField />
      <p className="quiet">{words.lines.keptWho}</p>
    </FormDialog>
  );
}

function UntilField(): ReactNode {
  const words = useWords();
  return (
    <Form.Item
      name="documents_until"
      label={words.lines.documentsUntil}
      extra={words.lines.untilHint}
      rules={[{ required: true, message: words.signIn.required }]}
    >
      <Input type="date" min="2000-01-01" max="2199-12-31" />
    </Form.Item>
  );
}
