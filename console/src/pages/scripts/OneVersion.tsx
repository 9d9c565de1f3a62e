import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { useState, type ReactNode } from "react";

import { approve, comment, diff, documentAddress, reject, version as oneVersion, type Version } from "../../api/scripts";
import type { Who } from "../../api/signed_in";
import { Card } from "../../parts/Card";
import { FormDialog } from "../../parts/FormDialog";
import { ProblemShown } from "../../parts/ProblemShown";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { useWrite } from "../../parts/useWrite";
import { Waiting } from "../../parts/Waiting";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { drawn } from "./canvas/script_read";

/** One version: what is said otherwise than before, what was said about it, and the decision. */
export function OneVersion({ version, who }: { version: Version; who: Who }): ReactNode {
  const words = useWords().scripts.versions;
  const [asks, setAsks] = useState<"approve" | "reject" | null>(null);
  const { name, hash } = version;
  const canReview = who.permissions.includes("scripts:review");
  return (
    <section aria-label={words.open(hash.slice(0, 12))} className="stack one-version">
      <div className="heading">
        <h2>
          {words.hash} <code>{hash.slice(0, 12)}</code>
        </h2>
        <span className="actions">
          {canReview && version.state === "submitted" && version.submitted_by !== who.name && (
            <Button type="primary" onClick={() => setAsks("approve")}>
              {words.approve}
            </Button>
          )}
          {canReview && version.state !== "rejected" && (
            <Button danger onClick={() => setAsks("reject")}>
              {words.reject}
            </Button>
          )}
          {(["docx", "html"] as const).map((format) => (
            <Button key={format} href={documentAddress(name, hash, format)} download>
              {words.document} ({words[format]})
            </Button>
          ))}
        </span>
      </div>
      <Changed name={name} hash={hash} />
      <div className="cards wide">
        <Said version={version} />
        <Reviews version={version} />
      </div>
      <Text name={name} hash={hash} />
      {asks !== null && <Decision version={version} does={asks} onClose={() => setAsks(null)} />}
    </section>
  );
}

function Changed({ name, hash }: { name: string; hash: string }): ReactNode {
  const words = useWords().scripts.versions;
  const found = useQuery(diff(name, hash));
  if (found.isPending) return <Waiting />;
  if (found.isError) return <ProblemShown problem={found.error} />;
  const { against, changes } = found.data;
  const rows = changes.map((one, n) => (
    <tr key={n}>
      <th scope="row">{one.at}</th>
      <td data-title={words.before}>{one.before !== null && <del>{one.before}</del>}</td>
      <td data-title={words.after}>{one.after !== null && <ins>{one.after}</ins>}</td>
    </tr>
  ));
  const table = (
    <table className="table diff">
      <caption>{words.diff}</caption>
      <thead>
        <tr>
          <th scope="col">{words.at}</th>
          <th scope="col">{words.before}</th>
          <th scope="col">{words.after}</th>
        </tr>
      </thead>
      <tbody>{rows}</tbody>
    </table>
  );
  if (against === null) {
    return (
      <details>
        <summary>{words.firstVersion}</summary>
        {table}
      </details>
    );
  }
  return (
    <Card>
      <h2>
        {words.diff} <code>{against.slice(0, 12)}</code>
      </h2>
      {changes.length === 0 ? <p>{words.same}</p> : table}
    </Card>
  );
}

function Said({ version }: { version: Version }): ReactNode {
  const words = useWords().scripts.versions;
  const { time } = useFigures();
  const whole = useQuery(oneVersion(version.name, version.hash));
  const [form] = Form.useForm<{ at?: string; words: string }>();
  const steps = drawn(whole.data?.text ?? "")?.places.filter((one) => one.kind !== "anywhere") ?? [];
  const send = useWrite(["scripts"], (said: { at?: string; words: string }) => comment(version.name, version.hash, said.words.trim(), said.at ?? null), true);
  return (
    <Card>
      <h2>{words.comments}</h2>
      {version.comments.length === 0 && <p className="empty">{words.noComments}</p>}
      <ul className="plain">
        {version.comments.map((one) => (
          <li key={one.id}>
            {one.at !== null && <code>{one.at}</code>} {one.words}
            <small>
              {one.by}, {time(one.written_at)}
            </small>
          </li>
        ))}
      </ul>
      <ProblemShown problem={send.error} />
      <Form form={form} layout="vertical" onFinish={(said) => send.mutate(said, { onSuccess: () => form.resetFields() })}>
        <Form.Item name="at" label={words.commentAt}>
          <Select allowClear placeholder={words.commentWhole} options={steps.map(({ name }) => ({ value: name, label: name }))} />
        </Form.Item>
        <Form.Item name="words" label={words.comment} rules={[{ required: true, whitespace: true, message: "" }]}>
          <Input.TextArea maxLength={2000} autoSize={{ minRows: 2 }} />
        </Form.Item>
        <Button htmlType="submit" loading={send.isPending}>
          {words.send}
        </Button>
      </Form>
    </Card>
  );
}

function Reviews({ version }: { version: Version }): ReactNode {
  const words = useWords().scripts;
  const { time } = useFigures();
  return (
    <Card>
      <h2>{words.versions.reviews}</h2>
      <ul className="plain">
        {version.reviews.map((one, n) => (
          <li key={n}>
            {named(words.states, one.state)} · {one.by}
            <small>
              {time(one.at)}
              {one.reason !== null && ` · ${one.reason}`}
            </small>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Text({ name, hash }: { name: string; hash: string }): ReactNode {
  const words = useWords().scripts.versions;
  const [isOpen, setOpen] = useState(false);
  const whole = useQuery({ ...oneVersion(name, hash), enabled: isOpen });
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.text}</summary>
      <pre className="whole-text">{whole.data?.text}</pre>
    </details>
  );
}

interface DecisionProps {
  version: Version;
  does: "approve" | "reject";
  onClose: () => void;
}

function Decision({ version, does, onClose }: DecisionProps): ReactNode {
  const words = useWords().scripts.versions;
  const decide = useWrite(["scripts"], (reason: string) => (does === "approve" ? approve : reject)(version.name, version.hash, reason), true);
  const common = { title: words[does], does: words[does], problem: decide.error, isSaving: decide.isPending, onCancel: onClose };
  const done = (reason: string): void => decide.mutate(reason, { onSuccess: onClose });
  if (does === "reject") return <ReasonDialog {...common} isDangerous why={words.rejectWhy} onReason={done} />;
  return (
    <FormDialog<{ reason?: string }> {...common} onSave={({ reason = "" }) => done(reason.trim())}>
      <p>{words.approveWhy}</p>
      <Form.Item name="reason" label={words.reason}>
        <Input.TextArea maxLength={2000} autoSize={{ minRows: 2 }} />
      </Form.Item>
    </FormDialog>
  );
}
