import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { today, type Today as Reading } from "../api/campaigns";
import { nameOf } from "../api/compliance";
import type { Who } from "../api/signed_in";
import { Card } from "../parts/Card";
import { ProblemShown } from "../parts/ProblemShown";
import { Waiting } from "../parts/Waiting";
import { named, useWords } from "../words";
import { useFigures } from "../words/figures";
import { Ending } from "./lines/Ending";

/** What runs, what waits, and the one promise as a number. */
export default function Today({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const read = useQuery(today);
  return (
    <>
      <h1>{words.today.title}</h1>
      <ProblemShown problem={read.error} />
      {read.isPending && <Waiting />}
      {read.data && (
        <div className="cards">
          <Promise reading={read.data} />
          <Running who={who} reading={read.data} />
          <Mine reading={read.data} who={who} />
          {who.permissions.includes("lines:read") && <Ending />}
          <Later reading={read.data} />
        </div>
      )}
    </>
  );
}

const to = (campaign: string): string => `/campaigns/${encodeURIComponent(campaign)}`;

function Promise({ reading: { without_permit: without, calls, answered, refusals } }: { reading: Reading }): ReactNode {
  const words = useWords().today;
  const { count } = useFigures();
  return (
    <Card className={without === 0 ? "promise kept" : "promise broken"}>
      <h2>{words.promise}</h2>
      <p className="great">{count(without)}</p>
      <p>{without === 0 ? words.kept : words.broken}</p>
      <p className="quiet">{words.over(calls, answered, refusals)}</p>
    </Card>
  );
}

function Running({ reading: { running }, who }: { reading: Reading; who: Who }): ReactNode {
  const words = useWords().today;
  const may = (one: Who["permissions"][number]): boolean => who.permissions.includes(one);
  return (
    <Card>
      <h2>{words.running}</h2>
      {running.length === 0 && <p className="empty">{words.nothingRuns}</p>}
      {running.length === 0 && (
        <p className="tools">
          {may("scripts:write") && <Link href="/scripts">{words.write}</Link>}
          {may("campaigns:run") && <Link href="/campaigns/new/plan">{words.plan}</Link>}
        </p>
      )}
      <ul className="plain">
        {running.map((one) => (
          <li key={one.campaign}>
            <div className="row">
              <Link href={to(one.campaign)}>{one.campaign}</Link>
              <span className="quiet">{words.living(one.living)}</span>
            </div>
            <label>
              <progress value={one.asked} max={Math.max(1, one.contacts)} />
              {words.progress(one.asked, one.contacts)}
            </label>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** What somebody must do, in the order of what the law gives least time for. */
function Mine({ reading, who }: { reading: Reading; who: Who }): ReactNode {
  const words = useWords();
  const { time } = useFigures();
  const mayReview = who.permissions.includes("scripts:review");
  const parts = [
    {
      title: words.today.due,
      rows: (reading.complaints ?? []).map((one) => ({
        key: one.id,
        what: <Link href="/compliance">{named(words.names.categories, one.category)}</Link>,
        about: words.complaints.answerBy(time(one.close_by)),
      })),
    },
    {
      title: words.today.stopped,
      rows: (reading.suspensions ?? []).map((one) => ({
        key: `${one.resource} ${one.name}`,
        what: (
          <Link href="/compliance">
            {named(words.names.resources, one.resource)} {nameOf(one)}
          </Link>
        ),
        about: one.reason,
      })),
    },
    {
      title: words.today.reviews,
      rows: (mayReview ? (reading.reviews ?? []) : []).map((one) => ({
        key: one.hash,
        what: <Link href={`/scripts/${encodeURIComponent(one.name)}#versions`}>{one.name}</Link>,
        about: one.by === who.name ? words.today.ownReview : words.today.review(one.by, time(one.at)),
      })),
    },
    {
      title: words.today.followUps,
      rows: (reading.follow_ups ?? []).map((one) => ({
        key: one.kind,
        what: named(words.today.kinds, one.kind),
        about: words.today.followUp(one.number, time(one.since)),
      })),
    },
    {
      title: words.today.callBacks,
      rows: (reading.call_backs ?? []).map((one) => ({
        key: one.campaign,
        what: <Link href={to(one.campaign)}>{one.campaign}</Link>,
        about: words.today.callBack(one.contacts, one.not_before === null ? "—" : time(one.not_before)),
      })),
    },
    {
      title: words.today.unknown,
      rows: reading.unknown === 0 ? [] : [{ key: "unknown", what: words.today.unknownWhy(reading.unknown), about: "" }],
    },
  ].filter((part) => part.rows.length > 0);
  return (
    <Card>
      <h2>{words.today.mine}</h2>
      {parts.length === 0 && <p className="empty">{words.today.nothingMine}</p>}
      {parts.map((part) => (
        <section key={part.title} aria-label={part.title}>
          <h3>{part.title}</h3>
          <ul className="plain">
            {part.rows.map((row) => (
              <li key={row.key}>
                {row.what}
                <small>{row.about}</small>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Card>
  );
}

function Later({ reading: { waiting } }: { reading: Reading }): ReactNode {
  const words = useWords();
  const { time } = useFigures();
  return (
    <Card>
      <h2>{words.today.waits}</h2>
      <p className="quiet">{waiting.length === 0 ? words.today.nothingWaits : words.today.waitsWhy}</p>
      <ul className="plain">
        {waiting.map((one) => (
          <li key={one.campaign}>
            <div className="row">
              <Link href={to(one.campaign)}>{one.campaign}</Link>
              <span>{words.funnel.people(one.contacts)}</span>
            </div>
            {one.not_before !== null && <small>{words.lists.until(time(one.not_before))}</small>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
