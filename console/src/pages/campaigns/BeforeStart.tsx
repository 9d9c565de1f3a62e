import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";

import { isRunning, type Campaign } from "../../api/campaigns";
import type { Who } from "../../api/signed_in";
import { useWords } from "../../words";
import { Lacking } from "./Lacking";
import { Preview } from "./Preview";

/** Whom the next run would call: at once before the first, for the asking afterwards; and why the last one called whom. */
export function BeforeStart({ campaign, who }: { campaign: Campaign; who: Who }): ReactNode {
  const words = useWords().plan;
  const [isWanted, setWanted] = useState(campaign.run === null);
  const isShown = isWanted && !isRunning(campaign);
  return (
    <section className="before-start">
      {!isRunning(campaign) && <Lacking script={campaign.script} said={{ hash: campaign.script_hash, list: campaign.list }} who={who} />}
      <div className="heading">
        {!isWanted && !isRunning(campaign) && <Button onClick={() => setWanted(true)}>{words.show}</Button>}
        {isShown && <h2>{words.preview.replace(/^\d+\.\s*/, "")}</h2>}
        {campaign.run !== null && <Link href={`/campaigns/${encodeURIComponent(campaign.name)}/contacts`}>{words.why}</Link>}
      </div>
      {isShown && <Preview asked={campaign.name} />}
    </section>
  );
}
