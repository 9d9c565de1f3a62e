import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input } from "antd";
import type { ReactNode } from "react";

import { daysAgo } from "../../api/clock";
import { chain, exportEvidence, verify, type Checked, type Span } from "../../api/evidence";
import type { Who } from "../../api/signed_in";
import { Card } from "../../parts/Card";
import { Facts } from "../../parts/Facts";
import { ProblemShown } from "../../parts/ProblemShown";
import { save } from "../../parts/save";
import { useWrite } from "../../parts/useWrite";
import { Waiting } from "../../parts/Waiting";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { useTold } from "../../words/told";

/** The chain, its export for strangers, and the check of a file. */
export default function Evidence({ who }: { who: Who }): ReactNode {
  const words = useWords().evidence;
  const sees = who.permissions.includes("compliance:read");
  return (
    <section>
      <p className="quiet">{words.why}</p>
      {sees && <Chain />}
      <div className="cards wide">
        {who.permissions.includes("evidence:export") && <Export />}
        {sees && <Verify />}
      </div>
    </section>
  );
}

function Chain(): ReactNode {
  const words = useWords().evidence;
  const { count, second } = useFigures();
  const state = useQuery(chain);
  if (state.data === undefined) return state.error ? <ProblemShown problem={state.error} /> : <Waiting />;
  const { public_key, seals, sealed_at, unsealed } = state.data;
  return (
    <Facts
      facts={[
        [words.seals, count(seals)],
        [words.sealedAt, sealed_at === null ? words.nothing : second(sealed_at)],
        [words.unsealed, count(unsealed)],
        [
          words.key,
          public_key === null ? (
            "—"
          ) : (
            <>
              <code key="key">{public_key}</code>
              <small>{words.keyWhy}</small>
            </>
          ),
        ],
      ]}
    />
  );
}

function Export(): ReactNode {
  const words = useWords();
  const { message } = App.useApp();
  const exporting = useWrite(["evidence"], exportEvidence, true);
  const required = [{ required: true, message: words.signIn.required }];
  return (
    <Card>
      <h2>{words.evidence.export}</h2>
      <p className="quiet">{words.evidence.exportWhy}</p>
      <Form<Span>
        layout="vertical"
        initialValues={{ first: daysAgo(30), last: daysAgo(0) }}
        onFinish={(span) =>
          exporting.mutate(span, {
            onSuccess: (file) => {
              const name = `evidence-${span.first}-${span.last}.jsonl`;
              save(file, name);
              void message.success(words.evidence.exported(name));
            },
          })
        }
      >
        <ProblemShown problem={exporting.error} />
        <Form.Item name="first" label={words.evidence.first} rules={required}>
          <Input type="date" min="2000-01-01" max="2199-12-31" />
        </Form.Item>
        <Form.Item name="last" label={words.evidence.last} rules={required}>
          <Input type="date" min="2000-01-01" max="2199-12-31" />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={exporting.isPending}>
          {words.evidence.doExport}
        </Button>
      </Form>
    </Card>
  );
}

function Verify(): ReactNode {
  const words = useWords().evidence;
  const checking = useMutation({ mutationFn: verify });
  return (
    <Card>
      <h2>{words.verify}</h2>
      <p className="quiet">{words.verifyWhy}</p>
      <ProblemShown problem={checking.error} />
      <label className="file">
        {words.choose}
        <input
          type="file"
          accept=".jsonl"
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file !== undefined) checking.mutate(file);
            event.target.value = "";
          }}
        />
      </label>
      <div role="status">
        {checking.isPending && <p>{words.checking}</p>}
        {checking.data && <Answer checked={checking.data} />}
      </div>
      <p className="quiet">{words.offline}</p>
      <code className="command">fairdial evidence verify FILE --public-key HEX</code>
    </Card>
  );
}

function Answer({ checked }: { checked: Checked }): ReactNode {
  const told = useTold();
  const words = useWords().evidence;
  const { count } = useFigures();
  if (!checked.is_genuine) {
    return <Alert type="error" showIcon title={words.broken(checked.line ?? 1)} description={told(checked.problem ?? "")} />;
  }
  return (
    <Alert
      type={checked.is_ours ? "success" : "warning"}
      showIcon
      title={words.genuine}
      description={
        <>
          {words.found(count(checked.events ?? 0), count(checked.seals ?? 0))}
          <br />
          {checked.is_ours ? words.ours : words.another}
          <br />
          <code className="command">{checked.public_key}</code>
        </>
      }
    />
  );
}
