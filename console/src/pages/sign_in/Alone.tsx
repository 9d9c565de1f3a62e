import type { ReactNode } from "react";

import type { Look } from "../../shell/look";
import { LookChoice } from "../../shell/LookChoice";
import { Card } from "../../parts/Card";
import { useWords } from "../../words";

/** A card in the middle of the page, for those who are not in yet. */
export function Alone({ title, look, children }: { title: string; look: Look; children: ReactNode }): ReactNode {
  const words = useWords();
  return (
    <main className="alone">
      <div className="brand large">
        <img src="/mark.svg" alt="" width={44} height={44} />
        <span>
          {words.app.title}
          <small>{words.app.tagline}</small>
        </span>
      </div>
      <Card>
        <h1>{title}</h1>
        {children}
      </Card>
      <LookChoice look={look} />
    </main>
  );
}
