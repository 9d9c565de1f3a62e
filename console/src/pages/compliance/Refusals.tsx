import { useQuery } from "@tanstack/react-query";
import { App, Button, Form, Input, Select } from "antd";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";

import { refusals, takeRefusal, type NewRefusal } from "../../api/compliance";
import type { Who } from "../../api/signed_in";
import { FormDialog } from "../../parts/FormDialog";
import { NumberField } from "../../parts/NumberField";
import { Pages, usePaging } from "../../parts/paging";
import { Table } from "../../parts/Table";
import { useWrite } from "../../parts/useWrite";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";

const SOURCES = ["sms", "portal", "letter", "registry"] as const;

/** Who must not be called, and those who said so elsewhere than in a call. */
export function Refusals({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const { second } = useFigures();
  const { message } = App.useApp();
  const [isTaking, setTaking] = useState(false);
  const paging = usePaging();
  const sees = who.permissions.includes("compliance:read");
  const page = useQuery({ ...refusals(paging.after), enabled: sees });
  const take = useWrite(["refusals"], takeRefusal, true);
  const leave = (): void => {
    setTaking(false);
    take.reset();
  };
  const save = (asked: NewRefusal): void =>
    take.mutate(asked, {
      onSuccess: ({ durable_at }) => {
        leave();
        void message.success(words.refusals.taken(second(durable_at)));
      },
    });
  return (
    <section>
      <div className="heading">
        <h2>{words.refusals.title}</h2>
        {who.permissions.includes("refusals:write") && (
          <Button onClick={() => setTaking(true)}>{words.refusals.take}</Button>
        )}
      </div>
      {sees && (
        <Table
          caption={words.refusals.title}
          rows={page.data?.items}
          problem={page.error}
          empty={words.refusals.empty}
          keyOf={(one) => one.id}
          columns={[
            { title: words.lists.contact, shows: (one) => <span className="number">{one.number ?? "—"}</span> },
            {
              title: words.refusals.scope,
              shows: (one) =>
                [named(words.names.scopes, one.scope), one.purpose && named(words.names.purposes, one.purpose)]
                  .filter(Boolean)
                  .join(" · "),
            },
            { title: words.refusals.kind, shows: (one) => named(words.names.refusals, one.kind) },
            {
              title: words.refusals.source,
              shows: (one) =>
                one.call === null ? (
                  named(words.names.sources, one.source)
                ) : (
                  <Link href={`/calls/${one.call}`}>{words.calls.one(one.call)}</Link>
                ),
            },
            { title: words.refusals.understood, shows: (one) => second(one.understood_at) },
          ]}
        />
      )}
      <Pages paging={paging} next={page.data?.next} />
      {isTaking && (
        <FormDialog<NewRefusal>
          title={words.refusals.take}
          does={words.doing.save}
          problem={take.error}
          isSaving={take.isPending}
          onSave={save}
          onCancel={leave}
        >
          <p className="quiet">{words.refusals.atOnce}</p>
          <NumberField />
          <Form.Item name="source" label={words.refusals.source} rules={[{ required: true, message: words.signIn.required }]}>
            <Select options={SOURCES.map((value) => ({ value, label: words.names.sources[value] }))} />
          </Form.Item>
          <Form.Item
            name="evidence"
            label={words.refusals.evidence}
            extra={words.refusals.evidenceHint}
            rules={[{ required: true, whitespace: true, message: words.signIn.required }]}
          >
            <Input maxLength={2000} />
          </Form.Item>
        </FormDialog>
      )}
    </section>
  );
}
