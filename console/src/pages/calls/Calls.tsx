import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState, type ReactNode } from "react";
import { Link, useParams } from "wouter";

import { calls, type CallFilter } from "../../api/calls";
import { campaigns } from "../../api/campaigns";
import type { Who } from "../../api/signed_in";
import { Pages, usePaging } from "../../parts/paging";
import { Table } from "../../parts/Table";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { OneCall } from "./OneCall";

export default function Calls({ who }: { who: Who }): ReactNode {
  const { id } = useParams<{ id?: string }>();
  return id === undefined ? <All who={who} /> : <OneCall id={Number(id)} who={who} />;
}

function All({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const { time } = useFigures();
  const [filter, setFilter] = useState<CallFilter>({});
  const paging = usePaging();
  const page = useQuery(calls(filter, paging.after));
  return (
    <>
      <h1>{words.calls.title}</h1>
      <Filter
        who={who}
        filter={filter}
        onChange={(chosen) => {
          paging.restart();
          setFilter(chosen);
        }}
      />
      <Table
        caption={words.calls.title}
        rows={page.data?.items}
        problem={page.error}
        empty={words.calls.empty}
        keyOf={(one) => one.id}
        columns={[
          { title: words.calls.number, shows: (one) => <Link href={`/calls/${one.id}`}>{words.calls.one(one.id)}</Link> },
          {
            title: words.lists.contact,
            shows: (one) => (
              <>
                <span className="number">{one.number ?? words.calls.erased}</span>
                {one.region !== null && <small>{one.region}</small>}
              </>
            ),
          },
          { title: words.campaigns.name, shows: (one) => one.campaign },
          {
            title: words.calls.disposition,
            shows: (one) => named(words.names.dispositions, one.disposition ?? one.state),
          },
          { title: words.calls.grade, shows: (one) => one.grade ?? "—" },
          { title: words.calls.dialled, shows: (one) => (one.dialled_at === null ? "—" : time(one.dialled_at)) },
        ]}
      />
      <Pages paging={paging} next={page.data?.next} />
    </>
  );
}

const GRADES = ["A", "B", "C", "D", "E", "F"];

interface FilterProps {
  who: Who;
  filter: CallFilter;
  onChange: (filter: CallFilter) => void;
}

function Filter({ who, filter, onChange }: FilterProps): ReactNode {
  const words = useWords();
  const all = useQuery({ ...campaigns, enabled: who.permissions.includes("campaigns:read") });
  const choice = (name: keyof CallFilter, title: string, options: { value: string; label: string }[]): ReactNode => (
    <Select
      allowClear
      aria-label={title}
      placeholder={title}
      value={filter[name] ?? null}
      options={options}
      popupMatchSelectWidth={false}
      onChange={(value: string | undefined) => onChange({ ...filter, [name]: value ?? null })}
    />
  );
  const dispositions = Object.entries(words.names.endings).map(([value, label]) => ({ value, label }));
  return (
    <div className="tools">
      {all.data && choice("campaign", words.campaigns.name, all.data.map(({ name }) => ({ value: name, label: name })))}
      {choice("disposition", words.calls.disposition, dispositions)}
      {choice("grade", words.calls.grade, GRADES.map((grade) => ({ value: grade, label: grade })))}
      <span className="quiet">{words.lists.masked}</span>
    </div>
  );
}
