import { useQuery } from "@tanstack/react-query";
import { App, Button, Form, Input, Select } from "antd";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";

import { settle, unknownAttempts, type Settlement, type Unknown as Attempt } from "../../api/readings";
import type { Who } from "../../api/signed_in";
import { FormDialog } from "../../parts/FormDialog";
import { Table } from "../../parts/Table";
import { useWrite } from "../../parts/useWrite";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";

/** Calls whose worker died while dialling; nothing stands here while there are none. */
export function Unknown({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const { second } = useFigures();
  const { message } = App.useApp();
  const all = useQuery(unknownAttempts);
  const [settled, setSettled] = useState<Attempt>();
  const write = useWrite(["unknown", "calls"], settle, true);
  if (all.data === undefined || all.data.length === 0) return null;
  const leave = (): void => {
    setSettled(undefined);
    write.reset();
  };
  return (
    <section>
      <div className="heading">
        <h2>{words.unknown.title}</h2>
      </div>
      <p className="quiet">{words.unknown.why}</p>
      <Table
        caption={words.unknown.title}
        rows={all.data}
        problem={all.error}
        empty=""
        keyOf={(one) => one.id}
        columns={[
          { title: words.calls.number, shows: (one) => <Link href={`/calls/${one.id}`}>{words.calls.one(one.id)}</Link> },
          { title: words.calls.dialled, shows: (one) => (one.dialled_at === null ? "—" : second(one.dialled_at)) },
          { title: words.campaigns.line, shows: (one) => one.line },
          { title: words.campaigns.callerNumber, shows: (one) => <span className="number">{one.caller_number}</span> },
          {
            title: words.doing.title,
            shows: (one) =>
              who.permissions.includes("campaigns:run") && (
                <Button size="small" onClick={() => setSettled(one)}>
                  {words.unknown.settle}
                </Button>
              ),
          },
        ]}
      />
      {settled !== undefined && (
        <FormDialog<Settlement>
          title={words.unknown.settle}
          does={words.doing.save}
          problem={write.error}
          isSaving={write.isPending}
          onCancel={leave}
          onSave={(asked) =>
            write.mutate(
              { ...asked, id: settled.id },
              {
                onSuccess: () => {
                  leave();
                  void message.success(words.unknown.settled);
                },
              },
            )
          }
        >
          <Form.Item name="disposition" label={words.unknown.result} rules={[{ required: true, message: words.signIn.required }]}>
            <Select options={Object.entries(words.names.endings).map(([value, label]) => ({ value, label }))} />
          </Form.Item>
          <Form.Item
            name="record"
            label={words.unknown.record}
            extra={words.unknown.recordHint}
            rules={[{ required: true, whitespace: true, message: words.signIn.required }]}
          >
            <Input maxLength={200} />
          </Form.Item>
        </FormDialog>
      )}
    </section>
  );
}
