import { useEffect, useState } from "react";

import { previewPage, type Plan, type PreviewPage } from "../../api/plan";

/** What the pages of a preview say together. */
export interface Summed {
  contacts: number;
  asked: number;
  now: number;
  never: number;
  later: Readonly<Record<string, number>>;
  waiting: Readonly<Record<string, number>>;
  denying: Readonly<Record<string, number>>;
}

const NOTHING: Summed = { contacts: 0, asked: 0, now: 0, never: 0, later: {}, waiting: {}, denying: {} };

interface Previewed {
  sum: Summed | null;
  problem: Error | null;
  isAsking: boolean;
  again: () => void;
}

/** Asks page by page, and tells the sum as it grows; what is asked of something else is dropped. */
export function usePreview(asked: Plan | string): Previewed {
  const about = JSON.stringify(asked);
  const [turn, setTurn] = useState(0);
  const [told, setTold] = useState<{ of: string; sum: Summed | null; problem: Error | null; isWhole: boolean }>();
  const of = `${turn} ${about}`;
  useEffect(() => {
    let isWanted = true;
    const work = async (): Promise<void> => {
      let sum = NOTHING;
      let after: string | null = null;
      do {
        const page: PreviewPage = await previewPage(JSON.parse(about) as Plan | string, after);
        if (!isWanted) return;
        sum = added(sum, page);
        after = page.next;
        setTold({ of, sum, problem: null, isWhole: after === null });
      } while (after !== null);
    };
    work().catch((problem: unknown) => {
      if (isWanted) setTold({ of, sum: null, problem: problem as Error, isWhole: true });
    });
    return () => {
      isWanted = false;
    };
  }, [about, of]);
  const isMine = told?.of === of;
  return {
    sum: isMine ? told.sum : null,
    problem: isMine ? told.problem : null,
    isAsking: !isMine || !told.isWhole,
    again: () => setTurn(turn + 1),
  };
}

function added(sum: Summed, page: PreviewPage): Summed {
  return {
    contacts: page.contacts,
    asked: sum.asked + page.asked,
    now: sum.now + page.now,
    never: sum.never + page.never,
    later: together(sum.later, Object.fromEntries(page.later.map(({ begins, contacts }) => [begins, contacts]))),
    waiting: together(sum.waiting, page.waiting),
    denying: together(sum.denying, page.denying),
  };
}

function together(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const all: Record<string, number> = { ...a };
  for (const [key, n] of Object.entries(b)) all[key] = (all[key] ?? 0) + n;
  return all;
}
