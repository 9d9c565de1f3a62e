import { Alert, Button, Input, Modal } from "antd";
import { useState, type ReactNode } from "react";

import { useWords } from "../words";

interface Props {
  title: string;
  why: string;
  /** The secret; closed when there is none. */
  secret: string | undefined;
  onClose: () => void;
}

/** A secret that nobody is shown a second time: it closes by its button only. */
export function ShownOnce({ title, why, secret, onClose }: Props): ReactNode {
  const words = useWords();
  const [copied, setCopied] = useState<string>();
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(secret ?? "");
    setCopied(secret);
  };
  return (
    <Modal
      open={secret !== undefined}
      title={title}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <>
          <Button onClick={copy}>{secret !== undefined && copied === secret ? words.doing.copied : words.doing.copy}</Button>
          <Button type="primary" onClick={onClose}>
            {words.doing.close}
          </Button>
        </>
      }
    >
      <Alert type="warning" showIcon title={why} className="problem" />
      <Input.TextArea readOnly aria-label={title} value={secret ?? ""} autoSize onFocus={(event) => event.target.select()} />
    </Modal>
  );
}
