import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState, type ComponentType, type ReactNode } from "react";

import { callers, lines, setCaller, setLine, uses, type CallerShown, type LineShown } from "../../api/lines";
import type { Who } from "../../api/signed_in";
import { Table, type Column } from "../../parts/Table";
import { useWrite } from "../../parts/useWrite";
import { named, useWords } from "../../words";
import { Brakes } from "./Brakes";
import { CallerForm, LineForm, type FormProps } from "./forms";
import { Documents, State, Stop, Used, type Standing } from "./Standing";

/** What calls go out over, and how it stands. */
export default function Lines({ who }: { who: Who }): ReactNode {
  return (
    <>
      <h1>{useWords().lines.title}</h1>
      <AllLines who={who} />
      <Numbers who={who} />
      <Brakes />
    </>
  );
}

interface Props<Row extends Standing, Sent> {
  who: Who;
  resource: "line" | "caller";
  title: string;
  /** On the button that adds one. */
  add: string;
  empty: string;
  all: UseQueryResult<Row[]>;
  nameOf: (row: Row) => string;
  /** What stands before the columns that lines and numbers share. */
  columns: readonly Column<Row>[];
  save: (sent: Sent, seen: Row | undefined) => Promise<unknown>;
  Form: ComponentType<FormProps<Row, Sent>>;
}

/** Everything of one kind that calls go out over: how each stands, added and changed by whoever may. */
function Register<Row extends Standing, Sent>(props: Props<Row, Sent>): ReactNode {
  const { who, resource, title, add, empty, all, nameOf, columns, save, Form } = props;
  const words = useWords();
  const { message } = App.useApp();
  const used = useQuery(uses).data?.[`${resource}s`];
  const [asked, setAsked] = useState<Row | "new">();
  const seen = asked === "new" ? undefined : asked;
  const write = useWrite([`${resource}s`], (sent: Sent) => save(sent, seen), true);
  const changes = who.permissions.includes("lines:write");
  const leave = (): void => {
    setAsked(undefined);
    write.reset();
  };
  const saved = (): void => {
    leave();
    void message.success(words.lines.saved);
  };
  return (
    <section>
      <div className="heading">
        <h2>{title}</h2>
        {changes && <Button onClick={() => setAsked("new")}>{add}</Button>}
      </div>
      <Table
        caption={title}
        rows={all.data}
        problem={all.error}
        empty={empty}
        keyOf={nameOf}
        columns={[
          ...columns,
          { title: words.lines.documents, shows: (one) => <Documents of={one} /> },
          { title: words.lines.use, shows: (one) => <Used use={used?.[nameOf(one)]} /> },
          { title: words.lines.state, shows: (one) => <State of={one} /> },
          {
            title: words.doing.title,
            shows: (one) => (
              <div className="actions">
                {changes && (
                  <Button size="small" onClick={() => setAsked(one)}>
                    {words.lines.change}
                  </Button>
                )}
                <Stop resource={resource} name={nameOf(one)} of={one} who={who} />
              </div>
            ),
          },
        ]}
      />
      {asked !== undefined && (
        <Form
          old={seen}
          problem={write.error}
          isSaving={write.isPending}
          onCancel={leave}
          onSave={(sent) => write.mutate(sent, { onSuccess: saved })}
        />
      )}
    </section>
  );
}

function AllLines({ who }: { who: Who }): ReactNode {
  const words = useWords();
  return (
    <Register
      who={who}
      resource="line"
      title={words.lines.lines}
      add={words.lines.addLine}
      empty={words.lines.empty}
      all={useQuery(lines)}
      nameOf={(one) => one.name}
      save={setLine}
      Form={LineForm}
      columns={[
        {
          title: words.lines.name,
          shows: (one) => (
            <>
              <b>{one.name}</b>
              <small>
                {words.lines.kinds[one.kind]} · <code>{one.address}</code>
              </small>
            </>
          ),
        },
        { title: words.lines.load, shows: (one) => <Load line={one} /> },
        {
          title: words.lines.purposes,
          shows: (one) => one.purposes.map((purpose) => named(words.names.purposes, purpose)).join(" · "),
        },
      ]}
    />
  );
}

function Load({ line }: { line: LineShown }): ReactNode {
  const words = useWords().lines;
  return (
    <label>
      <progress value={Math.min(line.living, line.capacity)} max={line.capacity} />
      {words.of(line.living, line.capacity)}
    </label>
  );
}

function Numbers({ who }: { who: Who }): ReactNode {
  const words = useWords();
  return (
    <Register<CallerShown, Parameters<typeof setCaller>[0]>
      who={who}
      resource="caller"
      title={words.lines.numbers}
      add={words.lines.addNumber}
      empty={words.lines.noNumbers}
      all={useQuery(callers)}
      nameOf={(one) => one.number}
      save={setCaller}
      Form={CallerForm}
      columns={[
        {
          title: words.lines.number,
          shows: (one) => (
            <>
              <span className="number">{one.number}</span>
              <small>{one.is_own ? words.lines.isOwn : words.lines.notOwn}</small>
            </>
          ),
        },
        { title: words.lines.load, shows: (one) => words.lines.living(one.living) },
      ]}
    />
  );
}
