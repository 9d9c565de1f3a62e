import { useMutation } from "@tanstack/react-query";
import { App, Button, Form, Input, QRCode } from "antd";
import type { ReactNode } from "react";

import { api, body } from "../../api/client";
import { now } from "../../api/clock";
import { becomes, type Who } from "../../api/signed_in";
import { ProblemShown } from "../../parts/ProblemShown";
import { useWords } from "../../words";

interface Entered {
  code: string;
  /** The password of now; whoever came by a link has none to tell. */
  present?: string;
}

/** Sets up an authenticator: the picture is drawn here, the secret goes nowhere else. */
export function SecondFactor({ who }: { who: Who }): ReactNode {
  const { factor: words, password, signIn } = useWords();
  const { message } = App.useApp();
  const begin = useMutation({ mutationFn: () => body(api.POST("/api/v1/session/totp")) });
  const confirm = useMutation({
    mutationFn: ({ code, present }: Entered) =>
      api.PUT("/api/v1/session/totp", {
        body: { secret: begin.data?.secret ?? "", code: code.trim(), present: present ?? null },
      }),
    onSuccess: () => {
      begin.reset();
      becomes({ ...who, has_totp: true, now: now().toISOString() });
      void message.success(words.confirmed);
    },
  });
  if (begin.data === undefined) {
    return (
      <>
        <p>{who.has_totp ? words.on : words.off}</p>
        <ProblemShown problem={begin.error} />
        <Button loading={begin.isPending} onClick={() => begin.mutate()}>
          {who.has_totp ? words.renew : words.begin}
        </Button>
      </>
    );
  }
  return (
    <>
      <p>{words.scan}</p>
      <div role="img" aria-label={words.picture}>
        <QRCode value={begin.data.address} type="svg" color="#000" bgColor="#fff" />
      </div>
      <p className="secret">
        <code>{begin.data.secret}</code>
      </p>
      <Form<Entered> layout="vertical" onFinish={(entered) => confirm.mutate(entered)}>
        <ProblemShown problem={confirm.error} />
        <Form.Item name="code" label={words.code} rules={[{ required: true, min: 6, message: words.code }]}>
          <Input inputMode="numeric" autoComplete="one-time-code" maxLength={10} />
        </Form.Item>
        {!who.came_by_link && (
          <Form.Item
            name="present"
            label={password.present}
            rules={[{ required: true, message: signIn.required }]}
          >
            <Input.Password autoComplete="current-password" maxLength={200} />
          </Form.Item>
        )}
        <Button type="primary" htmlType="submit" loading={confirm.isPending}>
          {words.confirm}
        </Button>
      </Form>
    </>
  );
}
