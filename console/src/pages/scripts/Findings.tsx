import { Button } from "antd";
import type { ReactNode } from "react";

import { ProblemShown } from "../../parts/ProblemShown";
import { Mark } from "../../parts/Tone";
import { useLanguage, useWords } from "../../words";
import type { Checking } from "./useChecked";

/** Everything the check finds, each with its remedy; the line leads to the text. */
export function Findings({ checking, onLine }: { checking: Checking; onLine: (line: number, column?: number) => void }): ReactNode {
  const words = useWords().scripts.check;
  const language = useLanguage();
  const found = checking.found?.findings;
  if (checking.problem !== null) return <ProblemShown problem={checking.problem} />;
  if (found === undefined) return <p className="quiet">{words.checking}</p>;
  if (found.length === 0) return <p>{checking.isOld ? words.checking : words.clean}</p>;
  return (
    <ul className="plain findings">
      {found.map((one, n) => (
        <li key={n}>
          <Button type="link" size="small" disabled={one.line === null} onClick={() => onLine((one.line ?? 1) - 1, Math.max(0, (one.column ?? 1) - 1))}>
            {one.line === null ? "—" : words.line(one.line)}
          </Button>{" "}
          <Mark tone={one.level === "error" ? "bad" : "wait"}>{one.code ?? one.level}</Mark> {language === "zh" ? one.zh : one.en}
        </li>
      ))}
    </ul>
  );
}
