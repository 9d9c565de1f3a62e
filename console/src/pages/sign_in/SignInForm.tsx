import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input, type InputRef } from "antd";
import { useEffect, useRef, type ReactNode } from "react";

import { api, body } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Who } from "../../api/signed_in";
import { ProblemShown } from "../../parts/ProblemShown";
import { useWords } from "../../words";

interface Entered {
  name: string;
  password: string;
  code?: string;
}

interface Props {
  onSignedIn: (who: Who) => void;
  /** Who must sign in; anybody when absent. */
  name?: string;
  /** The form's id, when its button stands elsewhere. */
  id?: string;
}

/** Name and password; the code is asked for only of those who have set one up. */
export function SignInForm({ onSignedIn, name, id }: Props): ReactNode {
  const words = useWords();
  const codeField = useRef<InputRef>(null);
  const signIn = useMutation({
    mutationFn: (entered: Entered) => body(api.POST("/api/v1/session", { body: entered })),
    onSuccess: onSignedIn,
  });
  const asksCode = wantsCode(signIn.error) || signIn.variables?.code !== undefined;
  useEffect(() => {
    if (asksCode) codeField.current?.focus();
  }, [asksCode]);
  const required = { required: true, message: words.signIn.required };
  return (
    <Form<Entered>
      layout="vertical"
      {...(id !== undefined && { id })}
      initialValues={{ name }}
      onFinish={(entered) => signIn.mutate(entered)}
    >
      <ProblemShown problem={wantsCode(signIn.error) && signIn.variables?.code === undefined ? null : signIn.error} />
      <Form.Item name="name" label={words.signIn.name} rules={[required]}>
        <Input autoComplete="username" readOnly={name !== undefined} />
      </Form.Item>
      <Form.Item name="password" label={words.signIn.password} rules={[required]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      {asksCode && (
        <Form.Item name="code" label={words.signIn.code} extra={words.signIn.codeHint} rules={[required]}>
          <Input ref={codeField} inputMode="numeric" autoComplete="one-time-code" maxLength={10} />
        </Form.Item>
      )}
      {id === undefined && (
        <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
          {words.signIn.go}
        </Button>
      )}
    </Form>
  );
}

function wantsCode(problem: Error | null): boolean {
  return problem instanceof Problem && problem.code === "code";
}
