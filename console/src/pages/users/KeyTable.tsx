import { useQuery } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState, type ReactNode } from "react";

import { keys, makeKey, revokeKey, type Key } from "../../api/users";
import { ShownOnce } from "../../parts/ShownOnce";
import { Table } from "../../parts/Table";
import { Mark } from "../../parts/Tone";
import { useWrite } from "../../parts/useWrite";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { KeyForm } from "./KeyForm";

/** Keys of programs. */
export function KeyTable(): ReactNode {
  const words = useWords();
  const { time, day } = useFigures();
  const { modal } = App.useApp();
  const all = useQuery(keys);
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<string>();
  const add = useWrite(keys.queryKey, makeKey, true);
  const revoke = useWrite(keys.queryKey, revokeKey);
  const close = (): void => {
    setAdding(false);
    add.reset();
  };
  const confirm = (key: Key): void =>
    void modal.confirm({
      title: words.keys.revokeWhy(key.name),
      okText: words.keys.revoke,
      cancelText: words.doing.cancel,
      onOk: () => revoke.mutate(key.id),
    });
  return (
    <section>
      <div className="heading">
        <h2>{words.users.keys}</h2>
        <Button onClick={() => setAdding(true)}>{words.keys.add}</Button>
      </div>
      <Table
        caption={words.users.keys}
        rows={all.data}
        problem={all.error}
        empty={words.keys.empty}
        keyOf={(key) => key.id}
        columns={[
          { title: words.keys.name, shows: (key) => key.name },
          {
            title: words.keys.scopes,
            shows: (key) => key.scopes.map((scope) => words.names.permissions[scope]).join(" · "),
          },
          { title: words.keys.ends, shows: (key) => day(key.ends_at) },
          { title: words.keys.state, shows: (key) => <State of={key} /> },
          { title: words.keys.made, shows: (key) => words.users.by(key.made_by, time(key.made_at)) },
          {
            title: words.doing.title,
            shows: (key) =>
              key.revoked_at === null && (
                <Button size="small" danger onClick={() => confirm(key)}>
                  {words.keys.revoke}
                </Button>
              ),
          },
        ]}
      />
      {isAdding && (
        <KeyForm
          problem={add.error}
          isSaving={add.isPending}
          onCancel={close}
          onSave={(asked) =>
            add.mutate(asked, {
              onSuccess: ({ key }) => {
                close();
                setMade(key);
              },
            })
          }
        />
      )}
      <ShownOnce title={words.keys.shown} why={words.keys.shownWhy} secret={made} onClose={() => setMade(undefined)} />
    </section>
  );
}

function State({ of }: { of: Key }): ReactNode {
  const words = useWords().keys;
  if (of.revoked_at !== null) return <Mark tone="bad">{words.revoked}</Mark>;
  // The clock is read when the table is drawn; the server decides with its own.
  return new Date(of.ends_at) < new Date() ? <Mark>{words.over}</Mark> : <Mark tone="good">{words.valid}</Mark>;
}
