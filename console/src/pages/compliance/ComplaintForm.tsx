import { Form, Input, Select } from "antd";
import type { ReactNode } from "react";

import type { NewComplaint } from "../../api/compliance";
import { FormDialog } from "../../parts/FormDialog";
import { NumberField } from "../../parts/NumberField";
import { useWords } from "../../words";

interface Props {
  problem: Error | null;
  isSaving: boolean;
  onSave: (asked: NewComplaint) => void;
  onCancel: () => void;
}

const SOURCES = ["person", "carrier", "12321", "regulator"] as const;

export function ComplaintForm(props: Props): ReactNode {
  const words = useWords();
  const required = [{ required: true, message: words.signIn.required }];
  const categories = Object.entries(words.names.categories).map(([value, label]) => ({ value, label }));
  const sources = SOURCES.map((value) => ({ value, label: words.names.sources[value] }));
  return (
    <FormDialog<NewComplaint> {...props} title={words.complaints.take} does={words.doing.save}>
      <p className="quiet">{words.complaints.alsoRefusal}</p>
      <NumberField />
      <Form.Item name="category" label={words.complaints.about} rules={required}>
        <Select options={categories} />
      </Form.Item>
      <Form.Item name="source" label={words.complaints.source} rules={required}>
        <Select options={sources} />
      </Form.Item>
      <Form.Item name="caller_number" label={words.campaigns.callerNumber} extra={words.complaints.ifNamed}>
        <Input maxLength={40} />
      </Form.Item>
      <Form.Item name="words" label={words.complaints.words} extra={words.complaints.sealed}>
        <Input.TextArea maxLength={20_000} autoSize={{ minRows: 3, maxRows: 10 }} />
      </Form.Item>
    </FormDialog>
  );
}
