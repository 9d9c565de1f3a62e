import { Button, Progress } from "antd";
import type { ReactNode } from "react";

import type { Plan } from "../../api/plan";
import { Bars, type Bar } from "../../parts/Bars";
import { Card } from "../../parts/Card";
import { ProblemShown } from "../../parts/ProblemShown";
import { RuleName } from "../../parts/RuleName";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { usePreview, type Summed } from "./usePreview";

/** How many may be called now, later, never, and by which rules: asked of the gate, which permits nothing by it. */
export function Preview({ asked }: { asked: Plan | string }): ReactNode {
  const words = useWords().plan;
  const { count } = useFigures();
  const { sum, problem, isAsking, again } = usePreview(asked);
  return (
    <>
      <p className="quiet">{words.previewWhy}</p>
      <ProblemShown problem={problem} />
      <div className="tools">
        <Button onClick={again} loading={isAsking}>
          {words.again}
        </Button>
        {sum !== null && (
          <span role="status" data-done={!isAsking}>
            {words.asking(count(sum.asked), count(sum.contacts))}
          </span>
        )}
      </div>
      {isAsking && sum !== null && sum.contacts > sum.asked && (
        <Progress percent={Math.floor((100 * sum.asked) / Math.max(1, sum.contacts))} aria-label={words.preview} />
      )}
      {sum !== null && <Counts sum={sum} isWhole={!isAsking} />}
    </>
  );
}

function Counts({ sum, isWhole }: { sum: Summed; isWhole: boolean }): ReactNode {
  const words = useWords().plan;
  const { time } = useFigures();
  if (sum.contacts === 0) return <p className="empty">{words.empty}</p>;
  const later = Object.entries(sum.later).sort(([a], [b]) => a.localeCompare(b));
  const bars: Bar[] = [
    { key: "now", name: words.now, count: sum.now, tone: "good" },
    { key: "later", name: words.later, count: sum.asked - sum.now - sum.never, tone: "wait" },
    { key: "never", name: words.never, count: sum.never, tone: "bad" },
  ];
  return (
    <div className="cards wide">
      <Card>
        <h2>{words.preview.replace(/^\d+\.\s*/, "")}</h2>
        <Bars caption={words.preview.replace(/^\d+\.\s*/, "")} bars={bars} whole={sum.asked} />
        {isWhole && sum.now === 0 && <p role="status">{sum.never === sum.asked ? words.nobodyEver : words.nobody}</p>}
      </Card>
      {later.length > 0 && (
        <Card>
          <h2>{words.laterAt}</h2>
          <Bars
            caption={words.laterAt}
            bars={later.map(([begins, n]) => ({ key: begins, name: words.until(time(begins)), count: n, tone: "wait" }))}
          />
        </Card>
      )}
      <Rules title={words.waiting} counts={sum.waiting} tone="wait" />
      <Rules title={words.denying} counts={sum.denying} tone="bad" />
    </div>
  );
}

function Rules({ title, counts, tone }: { title: string; counts: Readonly<Record<string, number>>; tone: "wait" | "bad" }): ReactNode {
  const words = useWords().plan;
  const sorted = Object.entries(counts).sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
  if (sorted.length === 0) return null;
  return (
    <Card>
      <h2>{title}</h2>
      <p className="quiet">{words.whyOverlap}</p>
      <Bars caption={title} bars={sorted.map(([key, n]) => ({ key, name: <RuleName id={key} />, count: n, tone }))} />
    </Card>
  );
}
