import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import type { ReactNode } from "react";
import { Link, useParams, useSearchParams } from "wouter";

import { calls, FILTERS, type CallFilter } from "../../api/calls";
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
  const [filter, setFilter] = useFilter();
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

/** What is chosen stands in the address: a report's figure leads here with its own filter. */
function useFilter(): [CallFilter, (filter: CallFilter) => void] {
  const [search, setSearch] = useSearchParams();
  const given = FILTERS.flatMap((name) => {
    const value = search.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  const written = (filter: CallFilter) => FILTERS.flatMap((name) => (filter[name] == null ? [] : [[name, String(filter[name])]]));
  // The server judges what the address holds, and says so where it is no filter.
  return [Object.fromEntries(given), (filter) => setSearch(written(filter), { replace: true })];
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
  const choice = (name: "campaign" | "disposition" | "grade", title: string, options: { value: string; label: string }[]): ReactNode => (
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
      <FromReport filter={filter} onChange={onChange} />
      <span className="quiet">{words.lists.masked}</span>
    </div>
  );
}

const CHOSEN_HERE: ReadonlySet<string> = new Set(["campaign", "disposition", "grade"]);

/** Filters that a report brought; each can be taken away. */
function FromReport({ filter, onChange }: Omit<FilterProps, "who">): ReactNode {
  const words = useWords().reports;
  const { time } = useFigures();
  const told = (name: keyof typeof words.filters, value: string): string => {
    if (name === "stage") return named(words.stages, value);
    const isMoment = name === "since" || name === "until";
    return words.filters[name](isMoment && !Number.isNaN(Date.parse(value)) ? time(value) : value === "-" ? words.without : value);
  };
  const brought = FILTERS.filter((name) => filter[name] != null && !CHOSEN_HERE.has(name));
  if (brought.length === 0) return null;
  return (
    <ul className="brought" aria-label={words.brought}>
      {brought.map((name) => {
        const what = told(name as keyof typeof words.filters, String(filter[name]));
        return (
          <li key={name} className="mark">
            {what}
            <button type="button" aria-label={words.remove(what)} onClick={() => onChange({ ...filter, [name]: null })}>
              ×
            </button>
          </li>
        );
      })}
    </ul>
  );
}
