import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import type { ReactNode } from "react";

import { api, body } from "../api/client";
import { Problem } from "../api/problem";
import type { Who } from "../api/signed_in";
import { useWords } from "../words";
import { ProblemShown } from "./ProblemShown";

interface Props {
  who: Who;
  /** Who is signed in after the change; null when they must enter a code first. */
  onChanged: (who: Who | null) => void;
}

interface Entered {
  /** The password of now; whoever came by a link has none to tell. */
  present?: string;
  password: string;
  repeated: string;
}

/** A new password; it ends every session, so whoever set it is signed in anew. */
export function PasswordForm({ who, onChanged }: Props): ReactNode {
  const words = useWords();
  const [form] = Form.useForm<Entered>();
  const change = useMutation({
    mutationFn: ({ password, present }: Entered) => changed(who.name, password, present),
    onSuccess: (somebody) => {
      form.resetFields();
      onChanged(somebody);
    },
  });
  const required = { required: true, message: words.signIn.required };
  const same = {
    validator: (_: unknown, value: unknown) =>
      value === form.getFieldValue("password") ? Promise.resolve() : Promise.reject(new Error(words.password.differs)),
  };
  return (
    <Form form={form} layout="vertical" onFinish={(entered) => change.mutate(entered)}>
      <input type="text" hidden readOnly autoComplete="username" value={who.name} />
      <ProblemShown problem={change.error} />
      {!who.came_by_link && (
        <Form.Item name="present" label={words.password.present} rules={[required]}>
          <Input.Password autoComplete="current-password" maxLength={200} />
        </Form.Item>
      )}
      <Form.Item name="password" label={words.password.new} extra={words.password.hint} rules={[required]}>
        <Input.Password autoComplete="new-password" maxLength={200} />
      </Form.Item>
      <Form.Item name="repeated" label={words.password.repeat} dependencies={["password"]} rules={[required, same]}>
        <Input.Password autoComplete="new-password" maxLength={200} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={change.isPending}>
        {words.password.set}
      </Button>
    </Form>
  );
}

async function changed(name: string, password: string, present?: string): Promise<Who | null> {
  await api.PUT("/api/v1/session/password", { body: { password, present: present ?? null } });
  try {
    return await body(api.POST("/api/v1/session", { body: { name, password } }));
  } catch (problem) {
    if (problem instanceof Problem) return null;
    throw problem;
  }
}
