import { Segmented } from "antd";
import { memo, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { Link } from "wouter";

import { NOTHING, watch, type Living, type LivingCall } from "../../api/live";
import { Mark } from "../../parts/Tone";
import { named, useWords } from "../../words";
import "./live.css";

type Part = "talking" | "dialing" | "over";

const partOf = (call: LivingCall): Part =>
  call.state === "ended" ? "over" : call.answered_at === null ? "dialing" : "talking";

/** The calls of a campaign as they happen: words appear while they are spoken. */
export function LiveCalls({ campaign }: { campaign: string }): ReactNode {
  const words = useWords().live;
  const [living, setLiving] = useState<Living>(NOTHING);
  const [only, setOnly] = useState<Part | "all">("all");
  useEffect(() => watch(campaign, setLiving), [campaign]);
  const count = (part: Part): number => living.calls.filter((call) => partOf(call) === part).length;
  const shown = living.calls.filter((call) => only === "all" || partOf(call) === only);
  const choice = (value: Part | "all", n: number) => ({ value, label: `${words[value]} ${n}` });
  return (
    <section aria-labelledby="live-title">
      <div className="heading tools">
        <h2 id="live-title">{words.title}</h2>
        <Segmented
          aria-label={words.only}
          value={only}
          onChange={setOnly}
          options={[
            choice("all", living.calls.length),
            choice("talking", count("talking")),
            choice("dialing", count("dialing")),
            choice("over", count("over")),
          ]}
        />
      </div>
      {living.link === "away" && <p role="alert">{words.away}</p>}
      <Summary text={living.link === "joining" ? words.joining : words.summary(count("talking"), count("dialing"))} />
      {living.link === "live" && <p className="quiet">{living.isWithheld ? words.withheld : words.recorded}</p>}
      {living.link === "live" && shown.length === 0 && <p className="empty">{words.none}</p>}
      <ul className="living">
        {shown.map((call) => (
          <OneLiving key={call.id} call={call} ahead_ms={living.ahead_ms} />
        ))}
      </ul>
    </section>
  );
}

/** Told politely, and not more often than somebody can listen to. */
const TELL_MS = 15_000;

function Summary({ text }: { text: string }): ReactNode {
  const [told, setTold] = useState({ text, at: 0 });
  useEffect(() => {
    if (told.text === text) return undefined;
    const wait = window.setTimeout(() => setTold({ text, at: Date.now() }), Math.max(0, told.at + TELL_MS - Date.now()));
    return () => window.clearTimeout(wait);
  }, [text, told]);
  return (
    <p className="unseen" role="status">
      {told.text}
    </p>
  );
}

const OneLiving = memo(function OneLiving({ call, ahead_ms }: { call: LivingCall; ahead_ms: number }): ReactNode {
  const all = useWords();
  const words = all.live;
  const part = partOf(call);
  return (
    <li className={part}>
      <div className="row">
        <Link href={`/calls/${call.id}`} className="number">
          {call.number}
        </Link>
        <span className="quiet">{call.region}</span>
        {part === "talking" && <Mark tone="good">{words.talking}</Mark>}
        {part === "dialing" && <Mark>{call.state === "reserved" ? words.waits : words.dialing}</Mark>}
        {part === "over" && <Ended call={call} />}
        <span className="clock">
          <Lasted call={call} ahead_ms={ahead_ms} />
        </span>
      </div>
      {call.step && (
        <small>
          {words.step} <code>{call.step}</code>
          {call.meaning && <> · {named(all.names.meanings, call.meaning)}</>}
        </small>
      )}
      {call.said && call.said_last && <Heard call={call} />}
      {call.said && (
        <p>
          <b>{words.we}</b> {call.said}
        </p>
      )}
      {!(call.said && call.said_last) && <Heard call={call} />}
    </li>
  );
});

function Heard({ call }: { call: LivingCall }): ReactNode {
  const words = useWords().live;
  if (!call.heard) return null;
  const isGuess = !call.is_final && call.state !== "ended";
  return (
    <p className={isGuess ? "theirs guess" : "theirs"}>
      <b>{words.person}</b> {call.heard}
      {isGuess && <i aria-hidden="true"> {words.guess}</i>}
    </p>
  );
}

function Ended({ call }: { call: LivingCall }): ReactNode {
  const words = useWords().live;
  const outcome = call.outcome ?? call.disposition ?? "unknown";
  return (
    <>
      {call.disposition === "answered" && call.grade !== null && <Mark>{words.grade(call.grade)}</Mark>}
      <Mark tone={outcome === "refused" ? "bad" : "plain"}>{named(words.outcomes, outcome)}</Mark>
    </>
  );
}

/** Minutes and seconds of talk; nothing before the answer. */
function Lasted({ call, ahead_ms }: { call: LivingCall; ahead_ms: number }): ReactNode {
  const words = useWords().live;
  const now_s = useSyncExternalStore(seconds.subscribe, seconds.now);
  if (call.answered_at === null) return null;
  const until_ms = call.ended_at === null ? now_s * 1000 + ahead_ms : Date.parse(call.ended_at);
  const lasted_s = Math.max(0, Math.round((until_ms - Date.parse(call.answered_at)) / 1000));
  return words.clock(Math.floor(lasted_s / 60), String(lasted_s % 60).padStart(2, "0"));
}

/** One clock for all calls. */
const seconds = {
  subscribe: (tick: () => void): (() => void) => {
    const ticking = window.setInterval(tick, 1000);
    return () => window.clearInterval(ticking);
  },
  now: (): number => Math.floor(Date.now() / 1000),
};
