import { Checkbox, Form, Input, Modal } from "antd";
import type { ReactNode } from "react";

import type { Role, User } from "../../api/users";
import { ProblemShown } from "../../parts/ProblemShown";
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
    <Modal
      open
      title={user === undefined ? words.users.add : words.users.change}
      okText={words.doing.save}
      cancelText={words.doing.cancel}
      okButtonProps={{ form: "user", htmlType: "submit", loading: isSaving }}
      onCancel={onCancel}
      mask={{ closable: false }}
    >
      <Form id="user" layout="vertical" initialValues={{ name: user?.name, roles: user?.roles ?? [] }} onFinish={onSave}>
        <ProblemShown problem={problem} />
        <Form.Item name="name" label={words.users.name} rules={[{ required: true, message: words.signIn.required }]}>
          <Input readOnly={user !== undefined} maxLength={100} autoComplete="off" />
        </Form.Item>
        <Form.Item name="roles" label={words.users.roles} rules={[{ required: true, message: words.users.pick }]}>
          <Checkbox.Group options={options} className="choices" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
