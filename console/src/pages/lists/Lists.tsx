import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useLocation, useParams } from "wouter";

import { isOver, send, uploads, type Import } from "../../api/imports";
import { lists } from "../../api/lists";
import type { Who } from "../../api/signed_in";
import { DropZone } from "../../parts/DropZone";
import { ProblemShown } from "../../parts/ProblemShown";
import { Table } from "../../parts/Table";
import { Mark } from "../../parts/Tone";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { Contacts } from "./Contacts";
import { OneImport } from "./OneImport";

const IMPORT = /^imports\/(\d+)$/;

export default function Lists({ who }: { who: Who }): ReactNode {
  const { "*": rest = "" } = useParams<{ "*"?: string }>();
  const found = IMPORT.exec(rest);
  if (found) return <OneImport key={found[1]} id={Number(found[1])} who={who} />;
  return rest === "" ? <All who={who} /> : <Contacts list={decodeURIComponent(rest)} who={who} />;
}

function All({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const { count, time } = useFigures();
  const all = useQuery(lists);
  return (
    <>
      <h1>{words.lists.title}</h1>
      {who.permissions.includes("lists:import") && <Sending />}
      <Table
        caption={words.lists.title}
        rows={all.data}
        problem={all.error}
        empty={words.lists.empty}
        keyOf={(one) => one.name}
        columns={[
          {
            title: words.lists.name,
            shows: (one) => <Link href={`/lists/${encodeURIComponent(one.name)}`}>{one.name}</Link>,
          },
          { title: words.lists.people, shows: (one) => count(one.people), isFigure: true },
          { title: words.lists.file, shows: (one) => one.file ?? "—" },
          { title: words.lists.imported, shows: (one) => (one.imported_at === null ? "—" : time(one.imported_at)) },
        ]}
      />
    </>
  );
}

/** Where a file is dropped, and those that were and wait. */
function Sending(): ReactNode {
  const words = useWords().imports;
  const [, go] = useLocation();
  const known = useQueryClient();
  const waiting = useQuery(uploads);
  const sending = useMutation({
    mutationFn: send,
    onSuccess: async (sent) => {
      await known.invalidateQueries({ queryKey: uploads.queryKey });
      go(`/lists/imports/${sent.id}`);
    },
  });
  const unfinished = (waiting.data?.items ?? []).filter((one) => !isOver(one));
  return (
    <section className="sending">
      <ProblemShown problem={sending.error ?? waiting.error} />
      <DropZone
        label={sending.isPending ? words.sending(sending.variables.name) : words.drop}
        hint={words.kinds}
        accept=".csv,.txt,.xlsx"
        isDisabled={sending.isPending}
        onFiles={([one]) => one !== undefined && sending.mutate(one.file)}
      />
      {unfinished.length > 0 && <Unfinished imports={unfinished} />}
    </section>
  );
}

function Unfinished({ imports }: { imports: readonly Import[] }): ReactNode {
  const words = useWords().imports;
  const { time } = useFigures();
  return (
    <>
      <h2>{words.unfinished}</h2>
      <ul className="plain">
        {imports.map((one) => (
          <li key={one.id}>
            <Link href={`/lists/imports/${one.id}`}>{one.file_name}</Link> <Mark>{words.states[one.state]}</Mark>
            <small>
              {one.uploaded_by} · {time(one.uploaded_at)}
            </small>
          </li>
        ))}
      </ul>
    </>
  );
}
