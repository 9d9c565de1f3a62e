import { Button } from "antd";
import { useState, type ReactNode } from "react";

import { lift, suspend } from "../../api/compliance";
import type { CallerShown, LineShown, Use } from "../../api/lines";
import type { Who } from "../../api/signed_in";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { Mark, type Tone } from "../../parts/Tone";
import { useWrite } from "../../parts/useWrite";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";

export type Standing = LineShown | CallerShown;

const TONES: Record<Standing["documents"], Tone> = { missing: "bad", hold: "good", end_soon: "wait", over: "bad" };

/** Whether the documents hold, and until when. */
export function Documents({ of }: { of: Standing }): ReactNode {
  const words = useWords().lines;
  const { day } = useFigures();
  return (
    <>
      <Mark tone={TONES[of.documents]}>{words.documentStates[of.documents]}</Mark>
      {of.documents_until !== null && <small>{words.until(day(of.documents_until))}</small>}
    </>
  );
}

/** Usable, or suspended by whom and why. */
export function State({ of }: { of: Standing }): ReactNode {
  const words = useWords();
  const { time } = useFigures();
  if (of.suspended_since === null) return "health" in of ? <Health of={of} /> : <Repute of={of} />;
  return (
    <>
      <Mark tone="bad">{words.lines.stopped}</Mark>
      <small>{of.suspended_because}</small>
      <small>{words.lines.stoppedBy(of.suspended_by ?? words.suspensions.brake, time(of.suspended_since))}</small>
    </>
  );
}

/** In use, or taken out by the breaker: why, and when it is tried again. */
function Health({ of: { health } }: { of: LineShown }): ReactNode {
  const words = useWords().lines;
  const { time } = useFigures();
  if (health.state === "closed") return <Mark tone="good">{words.fine}</Mark>;
  return (
    <>
      <Mark tone={health.state === "open" ? "bad" : "wait"}>{health.state === "open" ? words.out : words.onTrial}</Mark>
      <small>{health.faults.map((fault) => words.faults[fault]).join(" · ")}</small>
      {health.next_probe !== null && <small>{words.nextProbe(time(health.next_probe))}</small>}
    </>
  );
}

/** Usable, resting, or less used because of how it is taken. */
function Repute({ of }: { of: CallerShown }): ReactNode {
  const words = useWords().lines;
  const { time } = useFigures();
  const isResting = of.rests_until !== null && new Date(of.rests_until) > new Date();
  return (
    <>
      <Mark tone={of.repute === "poor" ? "bad" : isResting ? "wait" : "good"}>
        {of.repute === "poor" ? words.halved : words.fine}
      </Mark>
      {isResting && of.rests_until !== null && <small>{words.resting(time(of.rests_until))}</small>}
      {of.signs.length > 0 && <small>{of.signs.map((sign) => words.signs[sign]).join(" · ")}</small>}
    </>
  );
}

/** Seven days as bars, the figures written out beside them. */
export function Used({ use }: { use: Use | undefined }): ReactNode {
  const words = useWords().lines;
  const { count, share, day } = useFigures();
  if (use === undefined) return <span className="quiet">{words.unused}</span>;
  const most = Math.max(1, ...use.days.map((one) => one.dialled));
  const told = words.days(use.days.map((one) => words.onDay(day(one.what), one.dialled)).join("; "));
  return (
    <>
      <span className="spark" role="img" aria-label={told} title={told}>
        {use.days.map((one) => (
          <span key={one.what} style={{ height: `${Math.round((100 * one.dialled) / most)}%` }} />
        ))}
      </span>
      <small>
        {use.answer_rate === null
          ? words.usedOnly(count(use.dialled))
          : words.used(count(use.dialled), share(use.answer_rate, 1))}
      </small>
      <details>
        <summary>{words.regions}</summary>
        {use.regions.map((one) => (
          <small key={one.what ?? ""}>{words.region(one.what ?? words.anyRegion, count(one.dialled))}</small>
        ))}
      </details>
    </>
  );
}

interface Props {
  resource: "line" | "caller";
  name: string;
  of: Standing;
  who: Who;
}

/** Suspends at once; lifts what somebody else, or a brake, has suspended. */
export function Stop({ resource, name, of, who }: Props): ReactNode {
  const words = useWords();
  const [isAsking, setAsking] = useState(false);
  const isStopped = of.suspended_since !== null;
  const write = useWrite(["lines", "callers", "suspensions", "brakes"], isStopped ? lift : suspend, true);
  const may = who.permissions.includes(isStopped ? "suspensions:lift" : "complaints:write");
  if (!may) return null;
  if (isStopped && of.suspended_by === who.name) return <span className="quiet">{words.suspensions.fourEyes}</span>;
  const does = isStopped ? words.suspensions.lift : words.lines.suspend;
  const what = `${named(words.names.resources, resource)} ${name}`;
  const leave = (): void => {
    setAsking(false);
    write.reset();
  };
  return (
    <>
      <Button size="small" danger={!isStopped} onClick={() => setAsking(true)}>
        {does}
      </Button>
      {isAsking && (
        <ReasonDialog
          title={does}
          why={isStopped ? words.suspensions.liftWhy(what) : words.lines.suspendWhy(what)}
          does={does}
          isDangerous={!isStopped}
          problem={write.error}
          isSaving={write.isPending}
          onCancel={leave}
          onReason={(reason) => write.mutate({ resource, name, reason }, { onSuccess: leave })}
        />
      )}
    </>
  );
}
