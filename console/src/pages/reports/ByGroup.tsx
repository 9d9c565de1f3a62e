import { useQuery } from "@tanstack/react-query";
import { App, Button, Select } from "antd";
import { lazy, Suspense, useMemo, type ReactNode } from "react";

import { campaigns } from "../../api/campaigns";
import { exportReport, report, type FileKind, type Grouping, type Report, type Span } from "../../api/reports";
import type { Who } from "../../api/signed_in";
import { ProblemShown } from "../../parts/ProblemShown";
import { save } from "../../parts/save";
import { useWrite } from "../../parts/useWrite";
import { Waiting } from "../../parts/Waiting";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { FigureTable } from "./FigureTable";
import { Days, useAsked } from "./span";

const Chart = lazy(() => import("./Chart"));
const FILES: readonly FileKind[] = ["xlsx", "csv"];
/** More bars than this nobody tells apart; the table has them all. */
const MOST_BARS = 30;

/** Calls by one grouping, as a chart and a table; best hours below. */
export function ByGroup({ who }: { who: Who }): ReactNode {
  const words = useWords().reports;
  const asked = useAsked();
  const named = Object.keys(words.bys) as Grouping[];
  const by = named.find((one) => one === asked.get("by")) ?? "campaign";
  const found = useQuery(report(by, asked.span));
  const all = useQuery({ ...campaigns, enabled: who.permissions.includes("campaigns:read") });
  return (
    <>
      <section>
        <div className="tools">
          <Days asked={asked} />
          <Select<Grouping>
            aria-label={words.by}
            value={by}
            options={named.map((value) => ({ value, label: words.bys[value] }))}
            onChange={(value) => asked.set({ by: value })}
          />
          <Select
            allowClear
            showSearch
            aria-label={words.bys.campaign}
            placeholder={words.campaign}
            popupMatchSelectWidth={false}
            value={asked.span.campaign ?? null}
            options={(all.data ?? []).map(({ name }) => ({ value: name, label: name }))}
            onChange={(value: string | undefined) => asked.set({ campaign: value ?? null })}
          />
        </div>
        <p className="quiet">
          {words.days} {by === "hour" && words.hours}
        </p>
        {found.data && found.data.by === by && by !== "grade" && <Drawn report={found.data} by={by} />}
        <FigureTable report={found.data?.by === by ? found.data : undefined} by={by} problem={found.error} who={who} />
        <p className="quiet">{words.intervalWhy}</p>
        {found.data?.rows.length ? <Export by={by} span={asked.span} /> : null}
      </section>
      {by !== "hour" && <BestHours span={asked.span} />}
    </>
  );
}

function Drawn({ report: found, by }: { report: Report; by: Grouping }): ReactNode {
  const words = useWords().reports;
  const { percent } = useFigures();
  const points = useMemo(
    () =>
      found.rows
        .filter((one) => one.answer_rate.share !== null)
        .slice(0, MOST_BARS)
        .map(({ key, name, answer_rate: rate }) => ({
          name: key === null ? words.without : name,
          share: rate.share ?? 0,
          low: rate.low,
          high: rate.high,
          told: `${words.chartAnswered} ${percent(rate.share ?? 0)}\n${words.chartInterval} ${words.interval(percent(rate.low), percent(rate.high))}`,
        })),
    [found, words, percent],
  );
  if (points.length === 0) return null;
  return (
    <Suspense fallback={<Waiting />}>
      <Chart label={words.chart(words.bys[by])} title={words.chartTitle} points={points} percent={percent} />
    </Suspense>
  );
}

function Export({ by, span }: { by: Grouping; span: Span }): ReactNode {
  const words = useWords().reports;
  const { message } = App.useApp();
  const exporting = useWrite([], exportReport, true);
  return (
    <>
      <ProblemShown problem={exporting.error} />
      <div className="tools">
        {FILES.map((file) => (
          <Button
            key={file}
            loading={exporting.isPending}
            onClick={() =>
              exporting.mutate(
                { ...span, by, file },
                {
                  onSuccess: (handed) => {
                    save(handed.file, handed.name);
                    void message.success(words.exported(handed.name));
                  },
                },
              )
            }
          >
            {words.export} {file.toUpperCase()}
          </Button>
        ))}
        <span className="quiet">{words.exportWhy}</span>
      </div>
    </>
  );
}

/** When most answer; an hour is only called best when its interval lies above the whole day's rate. */
function BestHours({ span }: { span: Span }): ReactNode {
  const words = useWords().reports;
  const { percent } = useFigures();
  const found = useQuery(report("hour", span));
  if (found.data === undefined) return found.error ? <ProblemShown problem={found.error} /> : <Waiting />;
  const whole = found.data.whole.answer_rate.share;
  const hours = found.data.rows
    .filter((one) => one.answer_rate.share !== null)
    .sort((one, other) => other.answer_rate.low - one.answer_rate.low);
  const [best] = hours;
  if (best === undefined || whole === null) return null;
  return (
    <section>
      <h2>{words.best}</h2>
      <p>
        <b>
          {best.answer_rate.low > whole
            ? words.bestIs(best.name, percent(best.answer_rate.low), percent(whole))
            : words.noBest(percent(whole))}
        </b>
      </p>
      <Drawn report={found.data} by="hour" />
      <ol className="best">
        {hours.slice(0, 5).map((one) => (
          <li key={one.key}>
            {one.name} · {percent(one.answer_rate.share ?? 0)}
            <small>{words.between(percent(one.answer_rate.low), percent(one.answer_rate.high))}</small>
          </li>
        ))}
      </ol>
      <p className="quiet">
        {words.bestWhy} {words.hours}
      </p>
    </section>
  );
}
