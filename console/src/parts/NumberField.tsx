import { Form, Input } from "antd";
import type { ReactNode } from "react";

import { useWords } from "../words";

/** The number of a person, as people write it. */
export function NumberField(): ReactNode {
  const words = useWords();
  return (
    <Form.Item
      name="number"
      label={words.people.number}
      extra={words.people.numberHint}
      rules={[{ required: true, whitespace: true, message: words.signIn.required }]}
    >
      <Input inputMode="tel" autoComplete="off" maxLength={40} />
    </Form.Item>
  );
}
