import { Checkbox, Form, Input } from "antd";
import type { ReactNode } from "react";

import type { Permission } from "../../api/signed_in";
import type { NewKey } from "../../api/users";
import { FormDialog } from "../../parts/FormDialog";
import { useWords } from "../../words";

interface Props {
  problem: Error | null;
  isSaving: boolean;
  onSave: (asked: NewKey) => void;
  onCancel: () => void;
}

interface Entered {
  name: string;
  scopes: Permission[];
  /** A day, as the browser's field gives it: 2026-12-31. */
  ends: string;
}

export function KeyForm({ problem, isSaving, onSave, onCancel }: Props): ReactNode {
  const words = useWords();
  const required = { required: true, message: words.signIn.required };
  const options = Object.entries(words.names.permissions).map(([value, label]) => ({ value, label }));
  return (
    <FormDialog<Entered>
      title={words.keys.add}
      does={words.doing.save}
      problem={problem}
      isSaving={isSaving}
      onSave={({ name, scopes, ends }) => onSave({ name, scopes, ends_at: endOf(ends) })}
      onCancel={onCancel}
    >
      <Form.Item name="name" label={words.keys.name} extra={words.keys.nameHint} rules={[required]}>
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item name="scopes" label={words.keys.scopes} rules={[{ required: true, message: words.keys.pick }]}>
        <Checkbox.Group options={options} className="choices" />
      </Form.Item>
      <Form.Item name="ends" label={words.keys.ends} extra={words.keys.endsHint} rules={[required]}>
        <Input type="date" />
      </Form.Item>
    </FormDialog>
  );
}

/** The last instant of a day where the browser is. */
function endOf(day: string): string {
  return new Date(`${day}T23:59:59`).toISOString();
}
