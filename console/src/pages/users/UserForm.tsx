import { Checkbox, Form, Input } from "antd";
import type { ReactNode } from "react";

import type { Role, User } from "../../api/users";
import { FormDialog } from "../../parts/FormDialog";
import { useWords } from "../../words";

interface Props {
  /** Whose roles change; somebody new when undefined. */
  user: User | undefined;
  problem: Error | null;
  isSaving: boolean;
  onSave: (entered: { name: string; roles: Role[] }) => void;
  onCancel: () => void;
}

export function UserForm({ user, problem, isSaving, onSave, onCancel }: Props): ReactNode {
  const words = useWords();
  const options = Object.entries(words.names.roles).map(([value, label]) => ({ value, label }));
  return (
    <FormDialog<{ name: string; roles: Role[] }>
      title={user === undefined ? words.users.add : words.users.change}
      does={words.doing.save}
      problem={problem}
      isSaving={isSaving}
      start={user === undefined ? { roles: [] } : { name: user.name, roles: user.roles }}
      onSave={onSave}
      onCancel={onCancel}
    >
      <Form.Item name="name" label={words.users.name} rules={[{ required: true, message: words.signIn.required }]}>
        <Input readOnly={user !== undefined} maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item name="roles" label={words.users.roles} rules={[{ required: true, message: words.users.pick }]}>
        <Checkbox.Group options={options} className="choices" />
      </Form.Item>
    </FormDialog>
  );
}
