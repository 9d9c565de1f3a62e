import { useQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";

import { isObject, pack, packs, type Case, type PackInFull, type RuleInFull } from "../../api/law";
import { Mark, Outcome } from "../../parts/Tone";
import { ProblemShown } from "../../parts/ProblemShown";
import { Waiting } from "../../parts/Waiting";
import { named, useLanguage, useWords } from "../../words";
import { useSource } from "../../words/codes";
import { useFigures } from "../../words/figures";

const EVERY = "*";

/** The rules one is judged by, as text: what, by which law, with which parameters, and what they say of examples. */
export default function Law(): ReactNode {
  const words = useWords();
  const [chosen, setChosen] = useState("CN");
  const [sought, setSought] = useState("");
  const all = useQuery(packs);
  const one = useQuery(pack(chosen));
  const nameOf = usePackName();
  return (
    <section>
      <p className="quiet">{words.law.why}</p>
      <div className="tools">
        <Select
          aria-label={words.law.title}
          value={chosen}
          options={(all.data ?? []).map(({ jurisdiction }) => ({ value: jurisdiction, label: nameOf(jurisdiction) }))}
          popupMatchSelectWidth={false}
          onChange={setChosen}
        />
        <Input.Search
          allowClear
          aria-label={words.law.search}
          placeholder={words.law.search}
          onChange={(event) => setSought(event.target.value.trim().toLowerCase())}
        />
        {one.data && <span className="quiet">{words.law.version(one.data.version, one.data.rules.length)}</span>}
      </div>
      <ProblemShown problem={all.error ?? one.error} />
      {one.isPending && <Waiting />}
      {one.data && <Text pack={one.data} sought={sought} />}
    </section>
  );
}

/** A country in words; `*` is every call. */
export function usePackName(): (jurisdiction: string) => string {
  const words = useWords();
  const names = new Intl.DisplayNames(useLanguage() === "zh" ? "zh-CN" : "en-GB", { type: "region" });
  return (jurisdiction) => (jurisdiction === EVERY ? words.law.every : (names.of(jurisdiction) ?? jurisdiction));
}

function Text({ pack, sought }: { pack: PackInFull; sought: string }): ReactNode {
  const words = useWords().law;
  const zh = useLanguage() === "zh";
  const { share } = useFigures();
  const source = useSource();
  const found = pack.rules.filter((rule) =>
    [rule.id, rule.reason.zh, rule.reason.en, rule.cite].some((text) => text.toLowerCase().includes(sought)),
  );
  return (
    <>
      {found.length === 0 && <p className="empty">{words.none}</p>}
      {found.map((rule) => (
        <Rule key={rule.id} rule={rule} pack={pack.jurisdiction} />
      ))}
      {sought === "" && pack.duties.length > 0 && (
        <>
          <h2>{words.duties}</h2>
          {pack.duties.map((duty) => (
            <article key={duty.id} className="law">
              <h3>{zh ? duty.what.zh : duty.what.en}</h3>
              <p>
                <Standing standing={duty.standing} /> <code>{duty.id}</code> {words.days(duty.days)}
              </p>
              <small>{source(duty.cite)}</small>
            </article>
          ))}
        </>
      )}
      {sought === "" && pack.brakes.length > 0 && (
        <>
          <h2>{words.brakes}</h2>
          {pack.brakes.map((brake) => (
            <article key={brake.id} className="law">
              <h3>{zh ? brake.reason.zh : brake.reason.en}</h3>
              <p>
                <Standing standing={brake.standing} /> <code>{brake.id}</code>{" "}
                {words.more(brake.at_most_ratio === null ? String(brake.at_most) : share(brake.at_most_ratio, 1), brake.within_days)}
              </p>
              <small>{source(brake.cite)}</small>
            </article>
          ))}
        </>
      )}
    </>
  );
}

function Standing({ standing }: { standing: RuleInFull["standing"] }): ReactNode {
  const words = useWords().law;
  return <Mark tone={standing === "law" ? "good" : "plain"}>{standing === "law" ? words.law : words.own}</Mark>;
}

function Rule({ rule, pack }: { rule: RuleInFull; pack: string }): ReactNode {
  const words = useWords();
  const { day } = useFigures();
  const zh = useLanguage() === "zh";
  const source = useSource();
  const applies = [
    ...rule.applies_to.purposes.map((purpose) => named(words.names.purposes, purpose)),
    ...rule.applies_to.regions,
    ...rule.applies_to.topics,
    ...(rule.applies_to.artificial_voice === true ? [words.law.artificial] : []),
    ...(rule.effective_from === null ? [] : [words.law.since(day(rule.effective_from))]),
    ...(rule.effective_until === null ? [] : [words.law.until(day(rule.effective_until))]),
  ];
  const parameters = Object.entries(rule.parameters).filter(([, value]) => !isNothing(value));
  return (
    <article className="law">
      <h3>{zh ? rule.reason.zh : rule.reason.en}</h3>
      <p>
        <Standing standing={rule.standing} />{" "}
        <Mark>{`${words.law.status[rule.status]} · ${words.law.confidence[rule.confidence]}`}</Mark> <code>{rule.id}</code>{" "}
        {rule.adjusted !== null && <Mark tone="wait">{words.law.changed(rule.adjusted.by, day(rule.adjusted.at))}</Mark>}
      </p>
      <p>
        {words.law.cite}: {source(rule.cite)}
      </p>
      <small>
        {words.law.applies}: {applies.join(" · ")}
      </small>
      {parameters.length > 0 && (
        <small>
          {words.law.parameters}:{" "}
          <span className="fact">{parameters.map(([name, value]) => `${named(words.law.parameter, name)} = ${told(value)}`).join("; ")}</span>
        </small>
      )}
      <details>
        <summary>{words.law.examples(rule.examples.length)}</summary>
        {rule.examples.map((example, index) => (
          <div key={index} className="example">
            {words.law.given} <code>{Object.keys(example.given).length === 0 ? words.law.unchanged : factsOf(example.given).join("; ")}</code>{" "}
            {words.law.then} {example.expect === "silent" ? <Mark>{words.law.silent}</Mark> : <Outcome outcome={example.expect} />}{" "}
            <Link href={`/compliance/gate?pack=${encodeURIComponent(pack)}&rule=${rule.id}&example=${index}`}>
              {words.law.tryIt}
            </Link>
          </div>
        ))}
      </details>
    </article>
  );
}

const isNothing = (value: unknown): boolean =>
  value === null || value === false || (Array.isArray(value) && value.length === 0);

/** Facts as `permission.basis = request`; what only a machine reads is cut short. */
function factsOf(given: Case, path = ""): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const here = path === "" ? name : `${path}.${name}`;
    if (isObject(value)) return factsOf(value, here);
    if (Array.isArray(value) && value.some(isObject)) {
      return value.flatMap((one, index) => (isObject(one) ? factsOf(one, `${here}[${index + 1}]`) : []));
    }
    const text = told(value);
    return [`${here} = ${HASH.test(text) ? `${text.slice(0, 8)}…` : text}`];
  });
}

const HASH = /^[0-9a-f]{64}$/;

const told = (value: unknown): string =>
  Array.isArray(value) ? value.map(told).join(", ") : typeof value === "string" ? value : JSON.stringify(value);
