import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { Link, useParams } from "wouter";

import { scripts } from "../../api/scripts";
import type { Who } from "../../api/signed_in";
import { Mark } from "../../parts/Tone";
import { Table } from "../../parts/Table";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { useTold } from "../../words/told";
import { VersionState } from "./VersionState";

const NewScript = lazy(() => import("./NewScript"));
const OneScript = lazy(() => import("./OneScript"));

export default function Scripts({ who }: { who: Who }): ReactNode {
  const { name } = useParams<{ name?: string }>();
  const one = name === undefined ? undefined : decodeURIComponent(name);
  return one === undefined ? <All who={who} /> : <OneScript key={one} name={one} who={who} />;
}

function All({ who }: { who: Who }): ReactNode {
  const words = useWords().scripts;
  const { time } = useFigures();
  const told = useTold();
  const [isNew, setNew] = useState(false);
  const all = useQuery(scripts);
  return (
    <>
      <div className="heading">
        <h1>{words.title}</h1>
        {who.permissions.includes("scripts:write") && (
          <Button type="primary" onClick={() => setNew(true)}>
            {words.create.button}
          </Button>
        )}
      </div>
      <Table
        caption={words.title}
        rows={all.data}
        problem={all.error}
        empty={words.empty}
        keyOf={(one) => one.name}
        columns={[
          { title: words.name, shows: (one) => <Link href={`/scripts/${encodeURIComponent(one.name)}`}>{one.name}</Link> },
          { title: words.titleOf, shows: (one) => one.title ?? words.none },
          {
            title: words.state,
            shows: (one) => (one.newest === null ? <Mark>{words.draft}</Mark> : <VersionState version={one.newest} />),
          },
          {
            title: words.approvedNow,
            shows: (one) => (one.approved === null ? words.none : <code>{one.approved.hash.slice(0, 12)}</code>),
          },
          {
            title: words.edited,
            shows: (one) => words.editedBy(told(one.edited_by ?? words.none), time(one.edited_at)),
          },
        ]}
      />
      {isNew && (
        <Suspense>
          <NewScript onClose={() => setNew(false)} />
        </Suspense>
      )}
    </>
  );
}
