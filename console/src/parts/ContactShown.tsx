import type { ReactNode } from "react";

import { named, useWords } from "../words";

/** A contact as tables show one: the masked number, and whose kind it is. */
export function ContactShown({ of }: { of: { number: string; region: string | null; kind: string } }): ReactNode {
  const words = useWords();
  return (
    <>
      <span className="number">{of.number}</span>
      <small>{[of.region, named(words.names.kinds, of.kind)].filter(Boolean).join(" · ")}</small>
    </>
  );
}
