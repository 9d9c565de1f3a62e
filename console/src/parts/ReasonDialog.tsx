import { Form, Input } from "antd";
import type { ReactNode } from "react";

import { useWords } from "../words";
import { FormDialog } from "./FormDialog";

interface Props {
  title: string;
  /** What will happen. */
  why: ReactNode;
  does: string;
  isDangerous?: boolean;
  problem: Error | null;
  isSaving: boolean;
  onReason: (reason: string) => void;
  onCancel: () => void;
}

/** Something that is done for a reason, which is kept. */
export function ReasonDialog({ why, onReason, ...dialog }: Props): ReactNode {
  const words = useWords();
  return (
    <FormDialog<{ reason: string }> {...dialog} onSave={({ reason }) => onReason(reason)}>
      <p>{why}</p>
      <Form.Item
        name="reason"
        label={words.doing.reason}
        extra={words.doing.reasonKept}
        rules={[{ required: true, whitespace: true, message: words.signIn.required }]}
      >
        <Input.TextArea maxLength={2000} autoSize={{ minRows: 2 }} />
      </Form.Item>
    </FormDialog>
  );
}
