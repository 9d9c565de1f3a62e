import { useQuery } from "@tanstack/react-query";
import { App, Button, Progress } from "antd";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { giveUp, isOver, isWorking, preview, upload, type Import } from "../../api/imports";
import type { Who } from "../../api/signed_in";
import { Card } from "../../parts/Card";
import { ProblemShown } from "../../parts/ProblemShown";
import { Mark } from "../../parts/Tone";
import { useWrite } from "../../parts/useWrite";
import { Waiting } from "../../parts/Waiting";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { BadRows } from "./BadRows";
import { Ordering } from "./Ordering";

/** A file on its way into a list. Everything is told by the server: a reload goes on where it was. */
export function OneImport({ id, who }: { id: number; who: Who }): ReactNode {
  const words = useWords();
  const one = useQuery(upload(id));
  return (
    <>
      <p className="trail">
        <Link href="/lists">{words.lists.title}</Link>
      </p>
      <h1>{one.data?.file_name ?? words.imports.title}</h1>
      <ProblemShown problem={one.error} />
      {one.isPending && <Waiting />}
      {one.data && <About one={one.data} />}
      {one.data && <Stage one={one.data} who={who} />}
    </>
  );
}

function About({ one }: { one: Import }): ReactNode {
  const words = useWords();
  const { modal } = App.useApp();
  const { time, count } = useFigures();
  const leave = useWrite(["imports"], giveUp);
  const ask = (): void => {
    modal.confirm({
      title: words.imports.giveUp,
      content: words.imports.giveUpWhy,
      okText: words.imports.giveUp,
      okButtonProps: { danger: true },
      cancelText: words.doing.cancel,
      onOk: () => leave.mutateAsync(one.id),
    });
  };
  const size = `${count(Math.ceil(one.size / 1024))} KB`;
  return (
    <div className="heading">
      <span>
        <Mark tone={one.state === "imported" ? "good" : one.state === "failed" ? "bad" : "plain"}>
          {words.imports.states[one.state]}
        </Mark>{" "}
        <span className="quiet">
          {words.imports.about(size, one.encoding.toUpperCase(), one.uploaded_by, time(one.uploaded_at))}
        </span>
      </span>
      {!isOver(one) && (
        <Button danger onClick={ask}>
          {words.imports.giveUp}
        </Button>
      )}
    </div>
  );
}

function Stage({ one, who }: { one: Import; who: Who }): ReactNode {
  const words = useWords().imports;
  const isMine = one.uploaded_by === who.name;
  const head = useQuery(preview(one.id, isMine && !isOver(one)));
  if (one.state === "importing" && isWorking(one)) return <Working one={one} />;
  if (one.state === "imported") return <Imported one={one} who={who} />;
  if (isOver(one)) return <p className="empty">{words.over}</p>;
  if (!isMine) return <p className="empty">{words.notYours}</p>;
  if (head.data === undefined) return head.error ? <ProblemShown problem={head.error} /> : <Waiting />;
  return <Ordering key={one.id} one={one} preview={head.data} />;
}

function Working({ one }: { one: Import }): ReactNode {
  const words = useWords().imports;
  const { count } = useFigures();
  const { rows_done: done, rows_total: total } = one;
  const isWriting = total !== null;
  const said = isWriting ? words.importing(count(done), count(total)) : words.checking;
  return (
    <Card>
      <p role="status">{said}</p>
      {isWriting && (
        <Progress percent={Math.round((100 * done) / Math.max(1, total))} status="active" aria-label={said} />
      )}
    </Card>
  );
}

function Imported({ one, who }: { one: Import; who: Who }): ReactNode {
  const words = useWords().imports;
  const { count } = useFigures();
  const list = one.orders?.list ?? "";
  const named = encodeURIComponent(list);
  return (
    <>
      <Card>
        <h2>{words.done(count(one.accepted ?? 0), list)}</h2>
        <p className="actions">
          <Link href={`/lists/${named}`}>{words.toList}</Link>
          {who.permissions.includes("campaigns:run") && (
            <Link href={`/campaigns/new/plan?list=${named}`}>{words.toCampaign}</Link>
          )}
        </p>
      </Card>
      {one.rejected > 0 && <BadRows one={one} />}
    </>
  );
}
