import { Form, Input } from "antd";
import type { ReactNode } from "react";

import { submit } from "../../api/scripts";
import { FormDialog } from "../../parts/FormDialog";
import { useWrite } from "../../parts/useWrite";
import { useWords } from "../../words";

interface Props {
  name: string;
  /** Saves what stands there; null when somebody else came first. */
  save: () => Promise<string | null>;
  hasErrors: boolean;
  onClose: () => void;
  onSubmitted: () => void;
}

/** Saves, and asks for a review of exactly what was saved. */
export function SubmitDialog({ name, save, hasErrors, onClose, onSubmitted }: Props): ReactNode {
  const words = useWords().scripts.versions;
  const send = useWrite(
    ["scripts"],
    async ({ reason = "" }: { reason?: string }) => {
      const etag = await save();
      return etag === null ? null : submit(name, etag, reason.trim());
    },
    true,
  );
  return (
    <FormDialog<{ reason?: string }>
      title={words.submitTitle}
      does={words.submitTitle}
      problem={send.error}
      isSaving={send.isPending}
      onSave={(entered) => send.mutate(entered, { onSuccess: (version) => (version === null ? onClose() : onSubmitted()) })}
      onCancel={onClose}
    >
      <p>{hasErrors ? words.hasErrors : words.submitWhy}</p>
      <Form.Item name="reason" label={words.reason}>
        <Input.TextArea maxLength={2000} autoSize={{ minRows: 2 }} />
      </Form.Item>
    </FormDialog>
  );
}
