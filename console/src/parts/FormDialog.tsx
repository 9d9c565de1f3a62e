import { Form, Modal } from "antd";
import type { ReactNode } from "react";

import { useWords } from "../words";
import { ProblemShown } from "./ProblemShown";

interface Props<Entered> {
  title: string;
  /** What the button that does it says. */
  does: string;
  isDangerous?: boolean;
  problem: Error | null;
  isSaving: boolean;
  start?: Partial<Entered>;
  onSave: (entered: Entered) => void;
  onCancel: () => void;
  children: ReactNode;
}

/** A form in a dialog: a problem stands above what was entered, and nothing entered is lost by a click beside it. */
export function FormDialog<Entered extends object>(props: Props<Entered>): ReactNode {
  const words = useWords();
  return (
    <Modal
      open
      title={props.title}
      okText={props.does}
      cancelText={words.doing.cancel}
      okButtonProps={{ form: "dialog", htmlType: "submit", loading: props.isSaving, danger: props.isDangerous ?? false }}
      onCancel={props.onCancel}
      mask={{ closable: false }}
    >
      <Form<Entered> id="dialog" layout="vertical" initialValues={props.start ?? {}} onFinish={props.onSave}>
        <ProblemShown problem={props.problem} />
        {props.children}
      </Form>
    </Modal>
  );
}
