import { Button } from "antd";
import { useState, type ReactNode } from "react";

import { useWords } from "../words";

/** Pages by key: the server gives the key of the page that follows; those behind us are remembered. */
export interface Paging {
  after: string | undefined;
  number: number;
  forward: (next: string) => void;
  back: () => void;
  restart: () => void;
}

export function usePaging(): Paging {
  const [behind, setBehind] = useState<readonly string[]>([]);
  return {
    after: behind.at(-1),
    number: behind.length + 1,
    forward: (next) => setBehind([...behind, next]),
    back: () => setBehind(behind.slice(0, -1)),
    restart: () => setBehind([]),
  };
}

export function Pages({ paging, next }: { paging: Paging; next: string | null | undefined }): ReactNode {
  const words = useWords();
  if (paging.number === 1 && !next) return null;
  return (
    <nav className="pages" aria-label={words.paging.label}>
      <Button disabled={paging.number === 1} onClick={paging.back}>
        {words.paging.previous}
      </Button>
      <span aria-live="polite">{words.paging.page(paging.number)}</span>
      <Button disabled={!next} onClick={() => next && paging.forward(next)}>
        {words.paging.next}
      </Button>
    </nav>
  );
}
