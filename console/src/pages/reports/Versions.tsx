import { useQuery } from "@tanstack/react-query";
import { Alert, Select } from "antd";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { comparison, report, type Compared, type Comparison, type Measure, type Rate, type Tried } from "../../api/reports";
import type { Who } from "../../api/signed_in";
import { Card } from "../../parts/Card";
import { Facts } from "../../parts/Facts";
import { ProblemShown } from "../../parts/ProblemShown";
import { Table } from "../../parts/Table";
import { Mark } from "../../parts/Tone";
import { Waiting } from "../../parts/Waiting";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { Days, useAsked } from "./span";

/** Two versions of scripts side by side; the newest choice stands in the address. */
export default function Versions({ who }: { who: Who }): ReactNode {
  const words = useWords().reports;
  const asked = useAsked();
  const { first, last } = asked.span;
  const used = useQuery(report("script_version", { first, last }));
  const options = (used.data?.rows ?? [])
    .filter((one) => one.stages.dialled?.count)
    .map((one) => ({ value: `${one.key}`, label: one.name }));
  const side = (name: "a" | "b", otherwise: number): string | undefined =>
    options.find(({ value }) => value === asked.get(name))?.value ?? options[otherwise]?.value;
  const [a, b] = [side("a", 0), side("b", 1)];
  const choice = (name: "a" | "b", value: string): ReactNode => (
    <label className="day">
      {words.ab[name]}
      <Select
        aria-label={words.ab[name]}
        popupMatchSelectWidth={false}
        value={value}
        options={options}
        onChange={(chosen: string) => asked.set({ [name]: chosen })}
      />
    </label>
  );
  return (
    <section>
      <div className="tools">
        <Days asked={asked} />
        {a && b && choice("a", a)}
        {a && b && choice("b", b)}
      </div>
      <p className="quiet">
        {words.ab.choose} {words.ab.why}
      </p>
      <ProblemShown problem={used.error} />
      {used.data === undefined && !used.error && <Waiting />}
      {used.data && (a && b ? <Both a={a} b={b} who={who} /> : <p className="empty">{words.ab.tooFew}</p>)}
    </section>
  );
}

function Both({ a, b, who }: { a: string; b: string; who: Who }): ReactNode {
  const words = useWords().reports.ab;
  const { count, share, decimal } = useFigures();
  const found = useQuery(comparison(a, b, useAsked().span));
  if (found.data === undefined) return found.error ? <ProblemShown problem={found.error} /> : <Waiting />;
  const rate = (one: Rate): ReactNode =>
    one.share === null ? (
      "—"
    ) : (
      <>
        {share(one.hits, one.of)} <small>{words.of(count(one.hits), count(one.of))}</small>
      </>
    );
  return (
    <>
      <Fairness found={found.data} />
      <div className="cards wide">
        <Side name={words.a} version={found.data.a} who={who} />
        <Side name={words.b} version={found.data.b} who={who} />
      </div>
      <Table
        caption={words.caption}
        rows={found.data.measures}
        problem={null}
        empty={words.tooFew}
        keyOf={(one) => one.measure}
        columns={[
          {
            title: words.measure,
            shows: (one) => (
              <>
                <b>{words.measures[one.measure]}</b>
                <small>{OF_ALL.has(one.measure) ? words.ofAll : words.ofAnswered}</small>
              </>
            ),
          },
          { title: words.a, isFigure: true, shows: (one) => rate(one.a) },
          { title: words.b, isFigure: true, shows: (one) => rate(one.b) },
          { title: words.difference, shows: (one) => <Difference one={one} points={(n) => decimal(100 * n)} /> },
        ]}
      />
    </>
  );
}

const OF_ALL: ReadonlySet<Measure> = new Set(["answered", "complained"]);

function Difference({ one, points }: { one: Compared; points: (n: number) => string }): ReactNode {
  const words = useWords().reports;
  if (one.points === null) return "—";
  const signed = (n: number): string => `${n > 0 ? "+" : ""}${points(n)}`;
  return (
    <>
      <Mark tone={one.is_clear ? "good" : "plain"}>{one.is_clear ? words.ab.clear : words.ab.unclear}</Mark>
      <small>
        {words.ab.points(signed(one.points))} ({words.interval(signed(one.low), signed(one.high))})
      </small>
    </>
  );
}

function Fairness({ found }: { found: Comparison }): ReactNode {
  const words = useWords().reports.ab;
  const { count } = useFigures();
  if (found.is_random) return null;
  return (
    <Alert
      type="warning"
      showIcon
      className="fairness"
      title={words.notRandom}
      description={
        <>
          <p>{words.notRandomWhy}</p>
          {!found.same_lists && <p>{words.lists}</p>}
          {!found.same_days && <p>{words.daysApart}</p>}
          {found.in_both > 0 && <p>{words.both(count(found.in_both))}</p>}
        </>
      }
    />
  );
}

function Side({ name, version, who }: { name: string; version: Tried; who: Who }): ReactNode {
  const words = useWords().reports;
  const { count, day } = useFigures();
  const calls = words.ab.calls(count(version.given.reduce((sum, one) => sum + one.calls, 0)));
  return (
    <Card>
      <h2>
        {name}: {version.name} <code>{version.hash.slice(0, 12)}</code>
      </h2>
      <Facts
        facts={[
          [words.ab.people, count(version.people)],
          [
            words.stages.dialled,
            who.permissions.includes("calls:read") ? (
              <Link key="calls" href={`/calls?${new URLSearchParams(version.calls).toString()}`}>
                {calls}
              </Link>
            ) : (
              calls
            ),
          ],
          [
            words.ab.given,
            version.given.map((one) => (
              <div key={one.campaign}>
                {words.ab.givenBy(one.campaign, one.list)}
                <small>{words.interval(day(one.first_at), day(one.last_at))}</small>
              </div>
            )),
          ],
        ]}
      />
    </Card>
  );
}
