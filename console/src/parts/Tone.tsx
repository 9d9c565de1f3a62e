import type { ReactNode } from "react";

import { named, useWords } from "../words";

export type Tone = "good" | "wait" | "bad" | "plain";

/** A word whose ground says how things stand; the word alone says it, too. */
export function Mark({ tone = "plain", children }: { tone?: Tone; children: ReactNode }): ReactNode {
  return <span className={`mark ${tone}`}>{children}</span>;
}

const TONES: Readonly<Record<string, Tone>> = { allow: "good", wait: "wait", deny: "bad" };

/** The gate's answer. */
export function Outcome({ outcome }: { outcome: string }): ReactNode {
  const words = useWords();
  return <Mark tone={TONES[outcome] ?? "plain"}>{named(words.names.outcomes, outcome)}</Mark>;
}
