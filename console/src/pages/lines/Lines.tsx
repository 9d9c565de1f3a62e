import { useQuery } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState, type ReactNode } from "react";

import { callers, lines, setCaller, setLine, uses, type CallerNumber, type CallerShown, type Line, type LineShown } from "../../api/lines";
import type { Who } from "../../api/signed_in";
import { Table } from "../../parts/Table";
import { useWrite } from "../../parts/useWrite";
import { named, useWords } from "../../words";
import { Brakes } from "./Brakes";
import { CallerForm, LineForm } from "./forms";
import { Documents, State, Stop, Used } from "./Standing";

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

/** What a form is open about: nothing, something new, or one that is changed. */
type Asked<Row> = Row | "new" | undefined;

function AllLines({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const { message } = App.useApp();
  const all = useQuery(lines);
  const used = useQuery(uses).data?.lines;
  const [asked, setAsked] = useState<Asked<LineShown>>();
  const seen = asked === "new" ? undefined : asked;
  const write = useWrite(["lines"], (line: Line) => setLine(line, seen), true);
  const changes = who.permissions.includes("lines:write");
  const leave = (): void => {
    setAsked(undefined);
    write.reset();
  };
  return (
    <section>
      <div className="heading">
        <h2>{words.lines.lines}</h2>
        {changes && <Button onClick={() => setAsked("new")}>{words.lines.addLine}</Button>}
      </div>
      <Table
        caption={words.lines.lines}
        rows={all.data}
        problem={all.error}
        empty={words.lines.empty}
        keyOf={(one) => one.name}
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
          { title: words.lines.documents, shows: (one) => <Documents of={one} /> },
          { title: words.lines.use, shows: (one) => <Used use={used?.[one.name]} /> },
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
                <Stop resource="line" name={one.name} of={one} who={who} />
              </div>
            ),
          },
        ]}
      />
      {asked !== undefined && (
        <LineForm
          old={asked === "new" ? undefined : asked}
          problem={write.error}
          isSaving={write.isPending}
          onCancel={leave}
          onSave={(line) =>
            write.mutate(line, {
              onSuccess: () => {
                leave();
                void message.success(words.lines.saved);
              },
            })
          }
        />
      )}
    </section>
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
  const { message } = App.useApp();
  const all = useQuery(callers);
  const used = useQuery(uses).data?.callers;
  const [asked, setAsked] = useState<Asked<CallerShown>>();
  const seen = asked === "new" ? undefined : asked;
  const write = useWrite(["callers"], (caller: CallerNumber) => setCaller(caller, seen), true);
  const changes = who.permissions.includes("lines:write");
  const leave = (): void => {
    setAsked(undefined);
    write.reset();
  };
  return (
    <section>
      <div className="heading">
        <h2>{words.lines.numbers}</h2>
        {changes && <Button onClick={() => setAsked("new")}>{words.lines.addNumber}</Button>}
      </div>
      <Table
        caption={words.lines.numbers}
        rows={all.data}
        problem={all.error}
        empty={words.lines.noNumbers}
        keyOf={(one) => one.number}
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
          { title: words.lines.documents, shows: (one) => <Documents of={one} /> },
          { title: words.lines.use, shows: (one) => <Used use={used?.[one.number]} /> },
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
                <Stop resource="caller" name={one.number} of={one} who={who} />
              </div>
            ),
          },
        ]}
      />
      {asked !== undefined && (
        <CallerForm
          old={asked === "new" ? undefined : asked}
          problem={write.error}
          isSaving={write.isPending}
          onCancel={leave}
          onSave={(caller) =>
            write.mutate(caller, {
              onSuccess: () => {
                leave();
                void message.success(words.lines.saved);
              },
            })
          }
        />
      )}
    </section>
  );
}
