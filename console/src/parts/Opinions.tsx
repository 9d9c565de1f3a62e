import type { ReactNode } from "react";

import type { Opinion } from "../api/calls";
import { useLanguage, useWords } from "../words";
import { useNamesIn, useSource } from "../words/codes";
import { useFigures } from "../words/figures";
import { Mark, Outcome } from "./Tone";

/** Every rule that spoke, those that speak against a call first; each with its citation and what it saw. */
export function Opinions({ opinions }: { opinions: readonly Opinion[] }): ReactNode {
  const words = useWords().verdict;
  const against = opinions.filter((one) => one.outcome !== "allow");
  const others = opinions.filter((one) => one.outcome === "allow");
  return (
    <>
      {against.length > 0 && <List opinions={against} />}
      {others.length > 0 && (
        <details>
          <summary>{words.nothingAgainst(others.length)}</summary>
          <List opinions={others} />
        </details>
      )}
    </>
  );
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/u;

function List({ opinions }: { opinions: readonly Opinion[] }): ReactNode {
  const words = useWords().verdict;
  const language = useLanguage();
  const namesIn = useNamesIn();
  const source = useSource();
  const { second } = useFigures();
  return (
    <ul className="opinions">
      {opinions.map((one) => (
        <li key={one.rule_id}>
          <Outcome outcome={one.outcome} /> <Mark>{one.standing === "law" ? words.law : words.own}</Mark>{" "}
          <code>{one.rule_id}</code>
          <p>{namesIn(language === "zh" ? one.reason_zh : one.reason_en)}</p>
          <small>{words.cited(source(one.cite))}</small>
          {Object.entries(one.facts ?? {}).map(([fact, value]) => (
            <small key={fact} className="fact">
              {fact} = {typeof value === "string" && MOMENT.test(value) ? second(value) : JSON.stringify(value)}
            </small>
          ))}
        </li>
      ))}
    </ul>
  );
}
