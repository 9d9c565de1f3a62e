import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";

import type { Campaign } from "../../api/campaigns";
import { useWords } from "../../words";
import { Preview } from "./Preview";

/** Whom the next run would call; at once before the first, for the asking afterwards. */
export function BeforeStart({ campaign }: { campaign: Campaign }): ReactNode {
  const words = useWords().plan;
  const [isWanted, setWanted] = useState(campaign.run === null);
  return (
    <section className="before-start">
      <div className="heading">
        {!isWanted && <Button onClick={() => setWanted(true)}>{words.show}</Button>}
        {isWanted && <h2>{words.preview.replace(/^\d+\.\s*/, "")}</h2>}
        {campaign.run !== null && <Link href={`/campaigns/${encodeURIComponent(campaign.name)}/contacts`}>{words.why}</Link>}
      </div>
      {isWanted && <Preview asked={campaign.name} />}
    </section>
  );
}
