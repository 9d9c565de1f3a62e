import { useMutation } from "@tanstack/react-query";
import { Button, InputNumber } from "antd";
import { useState, type ReactNode } from "react";

import { rehearse } from "../../api/scripts";
import { Bars } from "../../parts/Bars";
import { Card } from "../../parts/Card";
import { ProblemShown } from "../../parts/ProblemShown";
import { named, useWords } from "../../words";
import type { Run } from "./Desk";

interface Props {
  text: string;
  run: Run | null;
  onRun: (run: Run | null) => void;
  onSelect: (step: string) => void;
}

/** Simulated people talk with the text as it stands. */
export function Rehearsal({ text, run, onRun, onSelect }: Props): ReactNode {
  const words = useWords().scripts.rehearsal;
  const { outcomes } = useWords().live;
  const [how, setHow] = useState({ callees: 200, seed: 1, cer: 0.05 });
  const going = useMutation({
    mutationFn: () => rehearse(text, how),
    onSuccess: (result) => onRun({ text, callees: how.callees, result }),
  });
  const untouched = Object.entries(run?.result.steps_reached ?? {}).filter(([, count]) => count === 0);
  const field = (name: keyof typeof how, most: number, least: number, step: number): ReactNode => (
    <label>
      {words[name]}{" "}
      <InputNumber
        min={least}
        max={most}
        step={step}
        value={how[name]}
        onChange={(value) => value !== null && setHow({ ...how, [name]: value })}
      />
    </label>
  );
  return (
    <>
      <p className="quiet">{words.why}</p>
      <div className="tools">
        {field("callees", 2000, 1, 50)}
        {field("cer", 0.5, 0, 0.05)}
        {field("seed", 1_000_000, 0, 1)}
        <Button type="primary" loading={going.isPending} onClick={() => going.mutate()}>
          {going.isPending ? words.running : words.go}
        </Button>
        {run !== null && <Button onClick={() => onRun(null)}>{words.clear}</Button>}
      </div>
      <ProblemShown problem={going.error} />
      {run !== null && (
        <>
          <p role="status">
            {words.done(run.result.calls)}。{run.text === text ? words.onGraph : words.outdated}
          </p>
          <div className="cards wide">
            <Counts title={words.grades} counts={run.result.grades} />
            <Counts title={words.outcomes} counts={run.result.outcomes} names={outcomes} />
            <Card>
              <h2>{words.untouched}</h2>
              {untouched.length === 0 ? (
                <p>{words.all}</p>
              ) : (
                <ul className="plain">
                  {untouched.map(([step]) => (
                    <li key={step}>
                      <Button type="link" size="small" onClick={() => onSelect(step)}>
                        {step}
                      </Button>
                    </li>
                  ))}
                </ul>
              )}
            </Card>
          </div>
        </>
      )}
    </>
  );
}

interface CountsProps {
  title: string;
  counts: Readonly<Record<string, number>>;
  names?: Readonly<Record<string, string>>;
}

function Counts({ title, counts, names = {} }: CountsProps): ReactNode {
  const whole = Object.values(counts).reduce((sum, one) => sum + one, 0);
  return (
    <Card>
      <h2>{title}</h2>
      <Bars caption={title} whole={whole} bars={Object.entries(counts).map(([key, count]) => ({ key, name: named(names, key), count }))} />
    </Card>
  );
}
