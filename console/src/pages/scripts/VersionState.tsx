import type { ReactNode } from "react";

import type { Version } from "../../api/scripts";
import { Mark, type Tone } from "../../parts/Tone";
import { named, useWords } from "../../words";

const TONES: Readonly<Record<string, Tone>> = { approved: "good", submitted: "wait", rejected: "bad" };

export function VersionState({ version }: { version: Version }): ReactNode {
  const words = useWords().scripts;
  return <Mark tone={TONES[version.state] ?? "plain"}>{named(words.states, version.state)}</Mark>;
}
