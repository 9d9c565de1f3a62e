import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { useState, type ReactNode } from "react";
import { Link, useLocation, useSearch } from "wouter";

import { lists } from "../../api/lists";
import { approved, callers, create, lines, rehearse, type Approved, type Plan } from "../../api/plan";
import type { Who } from "../../api/signed_in";
import { Bars } from "../../parts/Bars";
import { Card } from "../../parts/Card";
import { ProblemShown } from "../../parts/ProblemShown";
import { useWrite } from "../../parts/useWrite";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { Lacking } from "./Lacking";
import { Preview } from "./Preview";

interface Chosen {
  list?: string;
  script_hash?: string;
  line?: string;
  caller_number?: string;
}

/** From a list to a campaign: each choice stands beside what it means, and the gate's answer before anybody is called. */
export function NewCampaign({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const [, go] = useLocation();
  const given = new URLSearchParams(useSearch()).get("list");
  const [chosen, setChosen] = useState<Chosen>(given === null ? {} : { list: given });
  const [name, setName] = useState("");
  const version = useQuery(approved).data?.find((one) => one.hash === chosen.script_hash);
  const creating = useWrite(["campaigns"], create, true);
  const { list, script_hash, line, caller_number } = chosen;
  const plan: Plan | null = list && script_hash && line && caller_number ? { list, script_hash, line, caller_number } : null;
  const choose = (one: Chosen): void => setChosen((before) => ({ ...before, ...one }));
  const make = (): void => {
    if (plan === null) return;
    const asked = { ...plan, name: name.trim(), more_lines: [], more_caller_numbers: [] };
    creating.mutate(asked, { onSuccess: () => go(`/campaigns/${encodeURIComponent(asked.name)}`) });
  };
  return (
    <>
      <p className="trail">
        <Link href="/campaigns">{words.campaigns.title}</Link>
      </p>
      <h1>{words.plan.title}</h1>
      <div className="stack">
        <Form layout="vertical" component="div" className="stack">
          <Whom list={list} onChoose={choose} />
          <What hash={script_hash} onChoose={choose} />
          <Where line={line} caller={caller_number} onChoose={choose} />
        </Form>
        <section>
          <h2>{words.plan.preview}</h2>
          {list && version && <Lacking script={version.name} said={{ hash: version.hash, list }} who={who} />}
          {plan === null ? <p className="empty">{words.plan.first}</p> : <Preview asked={plan} />}
        </section>
        <Card>
          <Form layout="vertical" className="narrow" onFinish={make}>
            <h2>{words.plan.name}</h2>
            <ProblemShown problem={creating.error} />
            <Form.Item extra={words.plan.nameHint}>
              <Input
                aria-label={words.plan.name}
                value={name}
                maxLength={200}
                onChange={(event) => setName(event.target.value)}
              />
            </Form.Item>
            <p className="quiet">{words.plan.createWhy}</p>
            <Button
              type="primary"
              htmlType="submit"
              disabled={plan === null || name.trim() === ""}
              loading={creating.isPending}
            >
              {words.plan.create}
            </Button>
          </Form>
        </Card>
      </div>
    </>
  );
}

interface Part {
  onChoose: (chosen: Chosen) => void;
}

function Whom({ list, onChoose }: Part & { list: string | undefined }): ReactNode {
  const words = useWords().plan;
  const { count } = useFigures();
  const all = useQuery(lists);
  return (
    <Card>
      <h2>{words.list}</h2>
      <ProblemShown problem={all.error} />
      {all.data?.length === 0 && <p className="empty">{words.noLists}</p>}
      <Form.Item label={words.chooseList} htmlFor="plan-list" className="narrow">
        <Select
          id="plan-list"
          value={list ?? null}
          loading={all.isPending}
          showSearch={{ optionFilterProp: "label" }}
          options={all.data?.map((one) => ({ value: one.name, label: `${one.name}（${words.people(count(one.people))}）` })) ?? []}
          onChange={(value) => onChoose({ list: value })}
        />
      </Form.Item>
      <Link href="/lists">{words.importOne}</Link>
    </Card>
  );
}

function What({ hash, onChoose }: Part & { hash: string | undefined }): ReactNode {
  const words = useWords().plan;
  const { day } = useFigures();
  const all = useQuery(approved);
  const version = all.data?.find((one) => one.hash === hash);
  return (
    <Card>
      <h2>{words.script}</h2>
      <ProblemShown problem={all.error} />
      {all.data?.length === 0 && <p className="empty">{words.noScripts}</p>}
      <Form.Item label={words.chooseScript} htmlFor="plan-script" className="narrow">
        <Select
          id="plan-script"
          value={hash ?? null}
          loading={all.isPending}
          showSearch={{ optionFilterProp: "label" }}
          options={all.data?.map((one) => ({ value: one.hash, label: `${one.title} · ${one.name}` })) ?? []}
          onChange={(value) => onChoose({ script_hash: value })}
        />
      </Form.Item>
      {version?.approved_until && <p className="quiet">{words.approvedUntil(day(version.approved_until))}</p>}
      {version === undefined ? <Link href="/scripts">{words.writeOne}</Link> : <Rehearse key={hash} version={version} />}
    </Card>
  );
}

function Rehearse({ version }: { version: Approved }): ReactNode {
  const words = useWords();
  const { count } = useFigures();
  const rehearsing = useMutation({ mutationFn: rehearse });
  const told = rehearsing.data;
  return (
    <>
      <div className="tools">
        <Button loading={rehearsing.isPending} onClick={() => rehearsing.mutate(version)}>
          {words.plan.rehearse}
        </Button>
        <span className="quiet" role="status">
          {told === undefined ? words.plan.rehearseWhy : words.plan.rehearsed(count(told.calls))}
        </span>
      </div>
      <ProblemShown problem={rehearsing.error} />
      {told && (
        <>
          <Bars
            caption={words.plan.outcomes}
            bars={Object.entries(told.outcomes).map(([key, n]) => ({ key, name: named(words.live.outcomes, key), count: n }))}
            whole={told.calls}
          />
          {told.unfinished > 0 && <p>{words.plan.unfinished(count(told.unfinished))}</p>}
        </>
      )}
    </>
  );
}

function Where({ line, caller, onChoose }: Part & { line: string | undefined; caller: string | undefined }): ReactNode {
  const words = useWords().plan;
  const { count } = useFigures();
  const trunks = useQuery(lines);
  const numbers = useQuery(callers);
  const standing = (one: { documents: keyof typeof words.documents; suspended_since: string | null }): string =>
    one.suspended_since === null ? words.documents[one.documents] : words.stopped;
  return (
    <Card>
      <h2>{words.where}</h2>
      <ProblemShown problem={trunks.error ?? numbers.error} />
      {trunks.data?.length === 0 && <p className="empty">{words.noLines}</p>}
      <Form.Item label={words.chooseLine} htmlFor="plan-line" className="narrow">
        <Select
          id="plan-line"
          value={line ?? null}
          loading={trunks.isPending}
          options={
            trunks.data?.map((one) => ({
              value: one.name,
              label: [one.name, words.atOnce(count(one.capacity)), standing(one)].join(" · "),
            })) ?? []
          }
          onChange={(value) => onChoose({ line: value })}
        />
      </Form.Item>
      <Form.Item label={words.chooseCaller} htmlFor="plan-caller" className="narrow">
        <Select
          id="plan-caller"
          value={caller ?? null}
          loading={numbers.isPending}
          options={numbers.data?.map((one) => ({ value: one.number, label: `${one.number} · ${standing(one)}` })) ?? []}
          onChange={(value) => onChoose({ caller_number: value })}
        />
      </Form.Item>
    </Card>
  );
}
