import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useEffect, useState, type ReactNode } from "react";
import { useLocation, useSearch } from "wouter";

import { contactCase, exampleCase, isObject, overlaid, pack, packs, simulated, type Case } from "../../api/law";
import { Card } from "../../parts/Card";
import { Opinions } from "../../parts/Opinions";
import { ProblemShown } from "../../parts/ProblemShown";
import { Outcome } from "../../parts/Tone";
import { Waiting } from "../../parts/Waiting";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { FactSheet } from "./FactSheet";
import { usePackName } from "./Law";

/** A fact is changed and the verdict changes with it; nothing is permitted and nothing is kept. */
export default function Gate(): ReactNode {
  const words = useWords();
  const [, go] = useLocation();
  const search = useSearch();
  const start = useStart(new URLSearchParams(search));
  const all = useQuery(packs);
  const nameOf = usePackName();
  const options = [
    ...(start.label === undefined ? [] : [{ value: search, label: start.label }]),
    ...(all.data ?? []).map(({ jurisdiction }) => ({
      value: `pack=${encodeURIComponent(jurisdiction)}`,
      label: words.gate.example(nameOf(jurisdiction)),
    })),
  ];
  return (
    <section>
      <h2>{words.gate.title}</h2>
      <p className="quiet">{words.gate.why}</p>
      <div className="tools">
        <Select
          aria-label={words.gate.start}
          value={search === "" ? "pack=CN" : search}
          options={options}
          popupMatchSelectWidth={false}
          onChange={(chosen: string) => go(`/compliance/gate?${chosen}`)}
        />
      </div>
      <ProblemShown problem={start.problem} />
      {start.facts === undefined ? start.problem === null && <Waiting /> : <Tried key={search} start={start.facts} />}
    </section>
  );
}

interface Start {
  facts: Case | undefined;
  problem: Error | null;
  /** What it is, when it is none of the plain examples. */
  label: string | undefined;
}

/** The case that the address names: a pack's, one of its rules' examples, or a contact's facts. */
function useStart(asked: URLSearchParams): Start {
  const words = useWords().gate;
  const campaign = asked.get("campaign");
  const contact = Number(asked.get("contact"));
  const jurisdiction = asked.get("pack") ?? "CN";
  const rule = asked.get("rule");
  const index = Number(asked.get("example"));
  const ofContact = useQuery({ ...contactCase(campaign ?? "", contact), enabled: campaign !== null });
  const ofPack = useQuery({ ...exampleCase(jurisdiction), enabled: campaign === null });
  const inFull = useQuery({ ...pack(jurisdiction), enabled: campaign === null && rule !== null });
  if (campaign !== null) return { facts: ofContact.data, problem: ofContact.error, label: words.contact(campaign) };
  if (rule === null) return { facts: ofPack.data, problem: ofPack.error, label: undefined };
  const given = inFull.data?.rules.find(({ id }) => id === rule)?.examples[index]?.given;
  const isRead = ofPack.data !== undefined && inFull.data !== undefined;
  return {
    facts: isRead ? overlaid(ofPack.data, given ?? {}) : undefined,
    problem: ofPack.error ?? inFull.error,
    label: words.ruleExample(rule, index + 1),
  };
}

/** While somebody types, the gate is asked when they pause. */
const PAUSE_MS = 200;

function Tried({ start }: { start: Case }): ReactNode {
  const words = useWords();
  const { time } = useFigures();
  const [facts, setFacts] = useState(start);
  const [asked, setAsked] = useState(start);
  useEffect(() => {
    const later = setTimeout(() => setAsked(facts), PAUSE_MS);
    return () => clearTimeout(later);
  }, [facts]);
  const answer = useQuery(simulated(asked));
  return (
    <div className="tried">
      <Card>
        <div className="heading">
          <h2>{words.gate.facts}</h2>
          <Button size="small" disabled={facts === start} onClick={() => setFacts(start)}>
            {words.gate.reset}
          </Button>
        </div>
        <FactSheet facts={facts} onChange={setFacts} />
        <Whole facts={facts} onChange={setFacts} />
      </Card>
      <div className="answer">
        <Card>
          <h2>{words.gate.verdict}</h2>
          <ProblemShown problem={answer.error} />
          {answer.isPending && <Waiting />}
          {answer.data && answer.error === null && (
            <>
              <p role="status">
                <Outcome outcome={answer.data.outcome} />{" "}
                {answer.data.until !== null && <span>{words.gate.until(time(answer.data.until))}</span>}
              </p>
              <Opinions opinions={answer.data.opinions} />
              <small>{words.verdict.packs(answer.data.pack_versions.join(", "))}</small>
            </>
          )}
        </Card>
      </div>
    </div>
  );
}

/** Every fact, for those the sheet has no field for; what is no JSON yet is kept until it is. */
function Whole({ facts, onChange }: { facts: Case; onChange: (facts: Case) => void }): ReactNode {
  const words = useWords().gate;
  const [draft, setDraft] = useState<string>();
  return (
    <details>
      <summary>{words.whole}</summary>
      <Input.TextArea
        className="number"
        aria-label={words.whole}
        autoSize={{ minRows: 6, maxRows: 24 }}
        spellCheck={false}
        status={draft === undefined ? "" : "error"}
        value={draft ?? JSON.stringify(facts, null, 1)}
        onChange={(event) => {
          const entered = parsed(event.target.value);
          setDraft(entered === undefined ? event.target.value : undefined);
          if (entered !== undefined) onChange(entered);
        }}
      />
      {draft !== undefined && <small role="status">{words.noJson}</small>}
    </details>
  );
}

function parsed(text: string): Case | undefined {
  try {
    const content: unknown = JSON.parse(text);
    return isObject(content) ? content : undefined;
  } catch {
    return undefined;
  }
}
