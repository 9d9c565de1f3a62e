import { useQueries, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { campaigns, funnel, isRunning, type Campaign, type Funnel } from "../api/campaigns";
import { complaints, nameOf, suspensions } from "../api/compliance";
import type { Who } from "../api/signed_in";
import { Card } from "../parts/Card";
import { ProblemShown } from "../parts/ProblemShown";
import { Waiting } from "../parts/Waiting";
import { named, useWords } from "../words";
import { useFigures } from "../words/figures";
import { Ending } from "./lines/Ending";

/** How many of the newest campaigns are counted over. */
const NEWEST = 20;

interface Counted {
  campaign: Campaign;
  funnel: Funnel;
}

/** What runs, what waits, and the one promise as a number. */
export default function Today({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const all = useQuery(campaigns);
  const chosen = (all.data ?? []).filter((one, index) => isRunning(one) || index < NEWEST);
  const read = useQueries({ queries: chosen.map((one) => funnel(one.name, isRunning(one))) });
  const problem = all.error ?? read.find((one) => one.error)?.error ?? null;
  const counted = chosen.flatMap((one, index) => {
    const found = read[index]?.data;
    return found === undefined ? [] : [{ campaign: one, funnel: found }];
  });
  const isComplete = all.data !== undefined && counted.length === chosen.length;
  return (
    <>
      <h1>{words.today.title}</h1>
      <ProblemShown problem={problem} />
      {problem === null && !isComplete && <Waiting />}
      {isComplete && (
        <div className="cards">
          <Promise counted={counted} />
          <Running counted={counted.filter((one) => isRunning(one.campaign))} />
          {who.permissions.includes("compliance:read") && <Due />}
          {who.permissions.includes("lines:read") && <Stopped />}
          {who.permissions.includes("lines:read") && <Ending />}
          <Later counted={counted.filter((one) => (one.funnel.asked["wait"] ?? 0) > 0)} />
        </div>
      )}
    </>
  );
}

function Promise({ counted }: { counted: readonly Counted[] }): ReactNode {
  const words = useWords();
  const { count } = useFigures();
  const without = counted.reduce((sum, one) => sum + one.funnel.without_permit, 0);
  return (
    <Card className={without === 0 ? "promise kept" : "promise broken"}>
      <h2>{words.today.promise}</h2>
      <p className="great">{count(without)}</p>
      <p>{without === 0 ? words.today.kept : words.today.broken}</p>
      <p className="quiet">{words.today.over(counted.length)}</p>
    </Card>
  );
}

function Running({ counted }: { counted: readonly Counted[] }): ReactNode {
  const words = useWords();
  return (
    <Card>
      <h2>{words.today.running}</h2>
      {counted.length === 0 && <p className="empty">{words.today.nothingRuns}</p>}
      <ul className="plain">
        {counted.map(({ campaign, funnel }) => {
          const asked = Object.values(funnel.asked).reduce((sum, n) => sum + n, 0);
          return (
            <li key={campaign.name}>
              <Link href={`/campaigns/${encodeURIComponent(campaign.name)}`}>{campaign.name}</Link>
              <label>
                <progress value={asked} max={Math.max(1, funnel.contacts)} />
                {words.today.progress(asked, funnel.contacts)}
              </label>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function Later({ counted }: { counted: readonly Counted[] }): ReactNode {
  const words = useWords();
  return (
    <Card>
      <h2>{words.today.waits}</h2>
      <p className="quiet">{counted.length === 0 ? words.today.nothingWaits : words.today.waitsWhy}</p>
      <ul className="plain">
        {counted.map(({ campaign, funnel }) => (
          <li key={campaign.name} className="row">
            <Link href={`/campaigns/${encodeURIComponent(campaign.name)}`}>{campaign.name}</Link>
            <span>{words.funnel.people(funnel.asked["wait"] ?? 0)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Due(): ReactNode {
  const words = useWords();
  const { time } = useFigures();
  const open = useQuery(complaints()).data?.items.filter((one) => one.closed_at === null);
  if (open === undefined) return null;
  return (
    <Card>
      <h2>{words.today.due}</h2>
      {open.length === 0 && <p className="empty">{words.today.noneDue}</p>}
      <ul className="plain">
        {open.map((one) => (
          <li key={one.id} className="row">
            <Link href="/compliance">{named(words.names.categories, one.category)}</Link>
            <span>{words.complaints.answerBy(time(one.close_by))}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Stopped(): ReactNode {
  const words = useWords();
  const stopped = useQuery(suspensions).data;
  if (stopped === undefined || stopped.length === 0) return null;
  return (
    <Card>
      <h2>{words.today.stopped}</h2>
      <ul className="plain">
        {stopped.map((one) => (
          <li key={`${one.resource} ${one.name}`}>
            <Link href="/compliance">
              {named(words.names.resources, one.resource)} {nameOf(one)}
            </Link>
            <small>{one.reason}</small>
          </li>
        ))}
      </ul>
    </Card>
  );
}
