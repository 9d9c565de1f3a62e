import { useQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";

import { readings, type Reading, type ReadingFilter } from "../../api/readings";
import { Pages, usePaging } from "../../parts/paging";
import { Table } from "../../parts/Table";
import { Mark } from "../../parts/Tone";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";

/** Who read what of whom, when and why. */
export default function Reads(): ReactNode {
  const words = useWords();
  const { second } = useFigures();
  const [filter, setFilter] = useState<ReadingFilter>({});
  const paging = usePaging();
  const page = useQuery(readings(filter, paging.after));
  const narrow = (name: keyof ReadingFilter, value: string | undefined): void => {
    paging.restart();
    const others = Object.fromEntries(Object.entries(filter).filter(([key]) => key !== name));
    setFilter(value === undefined || value === "" ? others : { ...others, [name]: value });
  };
  return (
    <section>
      <p className="quiet">{words.reads.why}</p>
      <div className="tools">
        <Input.Search
          allowClear
          aria-label={words.reads.byWhom}
          placeholder={words.reads.byWhom}
          maxLength={200}
          onSearch={(name) => narrow("by", name.trim())}
        />
        <Select
          allowClear
          aria-label={words.reads.what}
          placeholder={words.reads.what}
          value={filter.kind ?? null}
          options={Object.entries(words.reads.kinds).map(([value, label]) => ({ value, label }))}
          popupMatchSelectWidth={false}
          onChange={(kind: string | undefined) => narrow("kind", kind)}
        />
      </div>
      <Table
        caption={words.reads.title}
        rows={page.data?.items}
        problem={page.error}
        empty={words.reads.empty}
        keyOf={(one) => one.id}
        columns={[
          { title: words.reads.at, shows: (one) => second(one.at) },
          { title: words.reads.by, shows: (one) => one.by ?? "—" },
          { title: words.reads.what, shows: (one) => <What reading={one} /> },
          { title: words.reads.whom, shows: (one) => <span className="number">{one.number ?? "—"}</span> },
          { title: words.reads.reason, shows: (one) => one.reason ?? "—" },
        ]}
      />
      <Pages paging={paging} next={page.data?.next} />
    </section>
  );
}

function What({ reading }: { reading: Reading }): ReactNode {
  const words = useWords();
  const { call, what, asked, may, ...others } = reading.detail;
  const level = (of: unknown): string => named(words.reads.levels, String(of));
  const rest = Object.entries(others).map(([name, value]) => `${name} = ${String(value)}`);
  return (
    <>
      <Mark tone={reading.kind === "read.refused" ? "bad" : "plain"}>{named(words.reads.kinds, reading.kind)}</Mark>{" "}
      {typeof call === "number" && <Link href={`/calls/${call}`}>{words.calls.one(call)}</Link>}
      {typeof what === "string" && (
        <small>{words.reads.lacked(named(words.reads.kinds, what), level(asked), level(may))}</small>
      )}
      {rest.length > 0 && <small className="fact">{rest.join("; ")}</small>}
    </>
  );
}
