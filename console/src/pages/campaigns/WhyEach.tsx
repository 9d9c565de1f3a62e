import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";

import { campaign as oneCampaign, funnel } from "../../api/campaigns";
import { verdicts, type Verdict, type WhyFilter } from "../../api/plan";
import { ContactShown } from "../../parts/ContactShown";
import { Opinions } from "../../parts/Opinions";
import { Pages, usePaging } from "../../parts/paging";
import { Table } from "../../parts/Table";
import { Outcome } from "../../parts/Tone";
import { named, useLanguage, useWords } from "../../words";
import { useFigures } from "../../words/figures";

const OUTCOMES = ["allow", "wait", "deny"] as const;

/** For every contact of a campaign why they were called or were not. */
export function WhyEach({ campaign }: { campaign: string }): ReactNode {
  const words = useWords();
  const [filter, setFilter] = useState<WhyFilter>({});
  const paging = usePaging();
  const one = useQuery(oneCampaign(campaign));
  const page = useQuery(verdicts(campaign, one.data, filter, paging.after));
  const rules = Object.keys(useQuery(funnel(campaign, one.data)).data?.rules ?? {});
  const narrow = (one: WhyFilter): void => {
    paging.restart();
    setFilter(one);
  };
  const outcomes = [
    ...OUTCOMES.map((value) => ({ value, label: named(words.names.outcomes, value) })),
    { value: "none" as const, label: words.plan.none },
  ];
  return (
    <>
      <p className="trail">
        <Link href={`/campaigns/${encodeURIComponent(campaign)}`}>{campaign}</Link>
      </p>
      <h1>{words.plan.whyTitle(campaign)}</h1>
      <div className="tools">
        <Select
          allowClear
          aria-label={words.plan.outcome}
          placeholder={words.plan.anyOutcome}
          options={outcomes}
          value={filter.outcome ?? null}
          onChange={(outcome) => narrow({ ...filter, outcome })}
        />
        <Select
          allowClear
          aria-label={words.plan.rule}
          placeholder={words.plan.anyRule}
          options={rules.map((value) => ({ value, label: value }))}
          value={filter.rule ?? null}
          onChange={(rule) => narrow({ ...filter, rule })}
        />
        <span className="quiet">{words.lists.masked}</span>
      </div>
      <Table
        caption={words.plan.whyTitle(campaign)}
        rows={page.data?.items}
        problem={one.error ?? page.error}
        empty={words.plan.noneSuch}
        keyOf={(one) => one.contact_id}
        columns={[
          { title: words.lists.line, shows: (one) => one.line_no, isFigure: true },
          { title: words.lists.contact, shows: (one) => <ContactShown of={one} /> },
          { title: words.plan.outcome, shows: (one) => <Newest one={one} /> },
          { title: words.plan.reasons, shows: (one) => <Opinions opinions={one.opinions} /> },
          { title: words.plan.call, shows: (one) => <Call one={one} /> },
        ]}
      />
      <Pages paging={paging} next={page.data?.next} />
    </>
  );
}

function Newest({ one }: { one: Verdict }): ReactNode {
  const words = useWords();
  const language = useLanguage();
  const { time } = useFigures();
  const stands = <small>{language === "zh" ? one.why_zh : one.why_en}</small>;
  if (one.outcome === null)
    return (
      <>
        <span className="quiet">{words.plan.none}</span>
        {stands}
      </>
    );
  return (
    <>
      <Outcome outcome={one.outcome} />
      {one.until !== null && <small>{words.plan.until(time(one.until))}</small>}
      {stands}
      {one.decided_at !== null && <small>{words.verdict.decided(time(one.decided_at))}</small>}
    </>
  );
}

function Call({ one }: { one: Verdict }): ReactNode {
  const words = useWords();
  if (one.call === null) return <span className="quiet">{words.plan.notCalled}</span>;
  return (
    <>
      <Link href={`/calls/${one.call}`}>{words.calls.one(one.call)}</Link>
      <small>{[named(words.names.dispositions, one.disposition ?? ""), one.grade].filter(Boolean).join(" · ")}</small>
    </>
  );
}
