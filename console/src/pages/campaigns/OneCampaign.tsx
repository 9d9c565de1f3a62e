import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";

import { campaign, funnel, isRunning, type Campaign, type Funnel } from "../../api/campaigns";
import type { Who } from "../../api/signed_in";
import { Bars, type Bar } from "../../parts/Bars";
import { Card } from "../../parts/Card";
import { Facts } from "../../parts/Facts";
import { ProblemShown } from "../../parts/ProblemShown";
import { RuleName } from "../../parts/RuleName";
import { Waiting } from "../../parts/Waiting";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { BeforeStart } from "./BeforeStart";
import { Checked, LifeControl } from "./LifeControl";
import { LiveCalls } from "./LiveCalls";
import { RunControl } from "./RunControl";
import { State } from "./State";

/** One campaign: its calls as they happen, how far it has come, why not further, how calls ended. */
export function OneCampaign({ name, who }: { name: string; who: Who }): ReactNode {
  const words = useWords();
  const one = useQuery(campaign(name));
  const counts = useQuery(funnel(name, one.data));
  return (
    <>
      <p className="trail">
        <Link href="/campaigns">{words.campaigns.title}</Link>
      </p>
      <div className="heading tools">
        <h1>{name}</h1>
        <RunControl name={name} who={who} state={one.data?.state} />
        {one.data && <LifeControl campaign={one.data} who={who} />}
      </div>
      <ProblemShown problem={one.error ?? counts.error} />
      {one.data && <About campaign={one.data} />}
      {one.data && <Checked campaign={one.data} />}
      {one.data && <BeforeStart campaign={one.data} who={who} />}
      {one.data && <Watched key={name} campaign={one.data} />}
      {counts.data && <Counts funnel={counts.data} />}
      {(one.isPending || counts.isPending) && <Waiting />}
    </>
  );
}

/** Whoever watched a run sees its last call to the end, and how it ended: the run itself is over before that. */
function Watched({ campaign }: { campaign: Campaign }): ReactNode {
  const [wasRunning, setWasRunning] = useState(false);
  const runs = isRunning(campaign);
  if (runs && !wasRunning) setWasRunning(true);
  return (runs || wasRunning) && <LiveCalls campaign={campaign.name} />;
}

function About({ campaign }: { campaign: Campaign }): ReactNode {
  const words = useWords();
  const { time } = useFigures();
  const list = <Link href={`/lists/${encodeURIComponent(campaign.list)}`}>{campaign.list}</Link>;
  return (
    <Facts
      facts={[
        [words.campaigns.state, <State key="state" campaign={campaign} />],
        [words.campaigns.purpose, named(words.names.purposes, campaign.purpose)],
        [words.campaigns.list, list],
        [words.campaigns.script, campaign.script],
        [words.campaigns.scriptVersion, <code key="hash">{campaign.script_hash.slice(0, 12)}</code>],
        [words.campaigns.line, campaign.line],
        [words.campaigns.callerNumber, campaign.caller_number],
        [words.campaigns.started, campaign.started_at === null ? "—" : time(campaign.started_at)],
        [words.campaigns.over, campaign.ended_at === null ? "—" : time(campaign.ended_at)],
      ]}
    />
  );
}

function Counts({ funnel }: { funnel: Funnel }): ReactNode {
  const words = useWords().funnel;
  const { names } = useWords();
  return (
    <div className="cards wide">
      <Card>
        <h2>{words.title}</h2>
        <Bars caption={words.how} bars={stages(funnel, words)} whole={funnel.contacts} />
      </Card>
      <Card>
        <h2>{words.now}</h2>
        <p className="quiet">{words.nowWhy}</p>
        <Bars caption={words.now} bars={verdicts(funnel, words)} whole={funnel.contacts} />
      </Card>
      <Part title={words.rules} why={words.rulesWhy} empty={sum(Object.values(funnel.asked)) === 0 ? words.notAsked : words.noRules} counts={funnel.rules} tone="wait" name={(id) => <RuleName id={id} />} />
      <Part
        title={words.dispositions}
        empty={words.noCalls}
        counts={funnel.dispositions}
        name={(key) => named(names.dispositions, key)}
      />
      <Part title={words.grades} empty={words.noGrades} counts={funnel.grades} byKey />
    </div>
  );
}

interface PartProps {
  title: string;
  why?: string;
  empty: string;
  counts: Readonly<Record<string, number>>;
  name?: (key: string) => ReactNode;
  tone?: Bar["tone"];
  /** In the order of the keys, not of the counts. */
  byKey?: boolean;
}

function Part({ title, why, empty, counts, name = (key) => key, tone = "plain", byKey = false }: PartProps): ReactNode {
  const sorted = Object.entries(counts).sort(([a, n], [b, m]) => (byKey ? 0 : m - n) || a.localeCompare(b));
  const bars = sorted.map(([key, count]) => ({ key, count, tone, name: name(key) }));
  return (
    <Card>
      <h2>{title}</h2>
      {bars.length === 0 && <p className="empty">{empty}</p>}
      {bars.length > 0 && why !== undefined && <p className="quiet">{why}</p>}
      {bars.length > 0 && <Bars caption={title} bars={bars} />}
    </Card>
  );
}

/** Attempts that have rung nowhere. */
const NOT_DIALLED = ["reserved", "not_dialled"];

type FunnelWords = ReturnType<typeof useWords>["funnel"];

const sum = (counts: readonly number[]): number => counts.reduce((all, n) => all + n, 0);

function stages({ contacts, asked, dispositions, refusals }: Funnel, words: FunnelWords): Bar[] {
  const called = Object.entries(dispositions).filter(([key]) => !NOT_DIALLED.includes(key));
  return [
    { key: "contacts", name: words.contacts, count: contacts },
    { key: "asked", name: words.asked, count: sum(Object.values(asked)) },
    { key: "called", name: words.called, count: sum(called.map(([, n]) => n)) },
    { key: "answered", name: words.answered, count: dispositions["answered"] ?? 0 },
    { key: "refusals", name: words.refusals, count: refusals, tone: "bad" },
  ];
}

function verdicts({ contacts, asked }: Funnel, words: FunnelWords): Bar[] {
  const { allow = 0, wait = 0, deny = 0 } = asked;
  return [
    { key: "allow", name: words.allowed, count: allow, tone: "good" },
    { key: "wait", name: words.waiting, count: wait, tone: "wait" },
    { key: "deny", name: words.denied, count: deny, tone: "bad" },
    { key: "not", name: words.notAsked, count: contacts - allow - wait - deny },
  ];
}
