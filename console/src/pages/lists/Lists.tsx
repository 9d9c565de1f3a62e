import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useParams } from "wouter";

import { lists } from "../../api/lists";
import { Table } from "../../parts/Table";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { Contacts } from "./Contacts";

export default function Lists(): ReactNode {
  const { name } = useParams<{ name?: string }>();
  return name === undefined ? <All /> : <Contacts list={decodeURIComponent(name)} />;
}

function All(): ReactNode {
  const words = useWords();
  const { count, time } = useFigures();
  const all = useQuery(lists);
  return (
    <>
      <h1>{words.lists.title}</h1>
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
