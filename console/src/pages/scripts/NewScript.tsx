import { useQuery } from "@tanstack/react-query";
import { Form, Input, Select } from "antd";
import type { ReactNode } from "react";
import { useLocation } from "wouter";

import { create, draftOf, scripts, starter } from "../../api/scripts";
import { FormDialog } from "../../parts/FormDialog";
import { useWrite } from "../../parts/useWrite";
import { useWords } from "../../words";
import { setScriptName, setTitle } from "./canvas/yaml_edit";

interface Entered {
  name: string;
  title: string;
  from: string;
}

/** A script that begins as a complete one, so that it can be talked to and rehearsed at once. */
export default function NewScript({ onClose }: { onClose: () => void }): ReactNode {
  const words = useWords();
  const { create: own } = words.scripts;
  const [, go] = useLocation();
  const others = useQuery(scripts).data ?? [];
  const make = useWrite(
    ["scripts"],
    async ({ name, title, from: chosen }: Entered) => {
      const text = chosen === "" ? await starter() : (await draftOf(chosen)).text;
      return create(name, setTitle(setScriptName(text, name), title));
    },
    true,
  );
  const required = { required: true, whitespace: true, message: words.signIn.required };
  return (
    <FormDialog<Entered>
      title={own.title}
      does={own.does}
      problem={make.error}
      isSaving={make.isPending}
      start={{ from: "" }}
      onSave={(entered) => make.mutate(entered, { onSuccess: ({ name }) => go(`/scripts/${encodeURIComponent(name)}`) })}
      onCancel={onClose}
    >
      <Form.Item
        name="name"
        label={own.name}
        extra={own.nameHint}
        rules={[required, { pattern: /^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u, message: own.nameWrong }]}
      >
        <Input autoComplete="off" maxLength={60} />
      </Form.Item>
      <Form.Item name="title" label={words.scripts.titleOf} extra={own.titleHint} rules={[required]}>
        <Input autoComplete="off" maxLength={100} />
      </Form.Item>
      <Form.Item name="from" label={own.from}>
        <Select
          options={[
            { value: "", label: own.starter },
            ...others.map((one) => ({ value: one.name, label: own.copy(one.title ?? one.name) })),
          ]}
        />
      </Form.Item>
    </FormDialog>
  );
}
