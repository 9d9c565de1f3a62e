import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { call, type CallDetail } from "../../api/calls";
import type { Who } from "../../api/signed_in";
import { Card } from "../../parts/Card";
import { Facts } from "../../parts/Facts";
import { Opinions } from "../../parts/Opinions";
import { ProblemShown } from "../../parts/ProblemShown";
import { Outcome } from "../../parts/Tone";
import { Waiting } from "../../parts/Waiting";
import { named, useLanguage, useWords } from "../../words";
import { useNamesIn } from "../../words/codes";
import { useFigures } from "../../words/figures";
import { Conversation } from "./Conversation";
import { Graded, mayCorrect } from "./Corrections";
import { Proof } from "./Proof";
import { Wire } from "./Wire";

/** One call: what became of it, what was said, why it was made, and the permit it carried. */
export function OneCall({ id, who }: { id: number; who: Who }): ReactNode {
  const { calls: words, evidence, wire } = useWords();
  const one = useQuery(call(id));
  return (
    <>
      <p className="trail">
        <Link href="/calls">{words.title}</Link>
      </p>
      <h1>{words.one(id)}</h1>
      <ProblemShown problem={one.error} />
      {one.isPending && <Waiting />}
      {one.data && (
        <>
          <About call={one.data} may={mayCorrect(one.data, who)} />
          <div className="cards talkative">
            <Card>
              <h2>{words.conversation}</h2>
              <Conversation call={one.data} who={who} />
            </Card>
            <div className="stack">
              <Card>
                <h2>{words.why}</h2>
                <Why call={one.data} />
              </Card>
              <Card>
                <h2>{words.permit}</h2>
                <Permit call={one.data} />
              </Card>
              <Card>
                <h2>{evidence.ofCall}</h2>
                <Proof id={id} />
              </Card>
              <Card>
                <h2>{wire.title}</h2>
                <Wire id={id} />
              </Card>
            </div>
          </div>
        </>
      )}
    </>
  );
}

function About({ call, may }: { call: CallDetail; may: boolean }): ReactNode {
  const words = useWords();
  const language = useLanguage();
  const { time } = useFigures();
  const namesIn = useNamesIn();
  const reason = call.why && namesIn(language === "zh" ? call.why.zh : call.why.en);
  const duration = lasted(call);
  return (
    <Facts
      facts={[
        [words.calls.person, call.number ?? words.calls.erased],
        [words.lists.region, call.region ?? "—"],
        [words.campaigns.name, <Link key="campaign" href={`/campaigns/${encodeURIComponent(call.campaign)}`}>{call.campaign}</Link>],
        [words.calls.disposition, named(words.names.dispositions, call.disposition ?? call.state)],
        ...(call.outcome === null || call.outcome === call.disposition
          ? []
          : [[words.live.outcome, named(words.live.outcomes, call.outcome)] as const]),
        [words.calls.grade, <Graded key="grade" call={call} reason={reason} may={may} />],
        [words.calls.dialled, call.dialled_at === null ? "—" : time(call.dialled_at)],
        [words.calls.lasted, duration === null ? "—" : words.calls.seconds(duration)],
        [words.calls.firstWord, call.first_word_ms === null ? "—" : words.calls.seconds(call.first_word_ms / 1000)],
        [words.campaigns.line, call.line],
        [words.campaigns.callerNumber, call.caller_number],
        ...(call.refusal === null
          ? []
          : [[words.calls.refused, named(words.names.refusals, call.refusal.kind)] as const]),
      ]}
    />
  );
}

function lasted({ answered_at, ended_at }: CallDetail): number | null {
  if (answered_at === null || ended_at === null) return null;
  return Math.round((Date.parse(ended_at) - Date.parse(answered_at)) / 1000);
}

function Why({ call: { verdict } }: { call: CallDetail }): ReactNode {
  const words = useWords().verdict;
  const { time } = useFigures();
  return (
    <>
      <p>
        <Outcome outcome={verdict.outcome} /> <span className="quiet">{words.decided(time(verdict.decided_at))}</span>
      </p>
      <Opinions opinions={verdict.opinions} />
      <small>{words.packs(verdict.pack_versions.map((one) => one.replace(/^\*/u, words.platform)).join(", "))}</small>
    </>
  );
}

function Permit({ call: { permit } }: { call: CallDetail }): ReactNode {
  const words = useWords();
  const { second } = useFigures();
  return (
    <Facts
      facts={[
        [words.calls.permitId, <code key="id">{permit.id}</code>],
        [words.calls.issued, second(permit.issued_at)],
        [words.calls.used, permit.used_at === null ? words.calls.notUsed : second(permit.used_at)],
        [words.calls.expires, second(permit.expires_at)],
        [words.campaigns.scriptVersion, <code key="hash">{permit.script_hash.slice(0, 12)}</code>],
      ]}
    />
  );
}
