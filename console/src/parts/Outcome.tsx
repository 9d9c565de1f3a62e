import { Tag } from "antd";
import type { ReactNode } from "react";

import { named, useWords } from "../words";

const COLOURS: Readonly<Record<string, string>> = { allow: "green", wait: "gold", deny: "red" };

/** The gate's answer. */
export function Outcome({ outcome }: { outcome: string }): ReactNode {
  const words = useWords();
  return <Tag color={COLOURS[outcome] ?? "default"}>{named(words.names.outcomes, outcome)}</Tag>;
}
