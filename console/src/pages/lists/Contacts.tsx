import { useQuery } from "@tanstack/react-query";
import { Input } from "antd";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";

import { contacts } from "../../api/lists";
import { Outcome } from "../../parts/Outcome";
import { Pages, usePaging } from "../../parts/paging";
import { Table } from "../../parts/Table";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";

/** The contacts of a list, each with what the gate last said and why. */
export function Contacts({ list }: { list: string }): ReactNode {
  const words = useWords();
  const { time } = useFigures();
  const [region, setRegion] = useState("");
  const paging = usePaging();
  const page = useQuery(contacts(list, region, paging.after));
  return (
    <>
      <p className="trail">
        <Link href="/lists">{words.lists.title}</Link>
      </p>
      <h1>{list}</h1>
      <div className="tools">
        <Input.Search
          allowClear
          aria-label={words.lists.anyRegion}
          placeholder={words.lists.anyRegion}
          maxLength={60}
          onSearch={(entered) => {
            paging.restart();
            setRegion(entered.trim());
          }}
        />
        <span className="quiet">{words.lists.masked}</span>
      </div>
      <Table
        caption={list}
        rows={page.data?.items}
        problem={page.error}
        empty={words.lists.noContacts}
        keyOf={(one) => one.id}
        columns={[
          { title: words.lists.line, shows: (one) => one.line_no, isFigure: true },
          { title: words.lists.number, shows: (one) => <span className="number">{one.number}</span> },
          { title: words.lists.region, shows: (one) => one.region ?? "—" },
          { title: words.lists.kind, shows: (one) => named(words.names.kinds, one.kind) },
          {
            title: words.lists.basis,
            shows: (one) => (one.basis === null ? words.lists.none : named(words.names.bases, one.basis)),
          },
          { title: words.lists.source, shows: (one) => one.data_source ?? words.lists.none },
          {
            title: words.lists.verdict,
            shows: (one) =>
              one.outcome === null ? (
                <span className="quiet">{words.lists.notAsked}</span>
              ) : (
                <>
                  <Outcome outcome={one.outcome} />
                  {one.until !== null && <span className="quiet">{words.lists.until(time(one.until))}</span>}
                </>
              ),
          },
          {
            title: words.lists.rules,
            shows: (one) => one.rules.map((rule) => <code key={rule}>{rule}</code>),
          },
        ]}
      />
      <Pages paging={paging} next={page.data?.next} />
    </>
  );
}
