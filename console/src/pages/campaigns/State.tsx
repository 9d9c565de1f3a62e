import type { ReactNode } from "react";

import { isRunning, type Campaign } from "../../api/campaigns";
import { Mark } from "../../parts/Tone";
import { useWords } from "../../words";

/** Whether the newest run goes on. */
export function State({ campaign }: { campaign: Campaign }): ReactNode {
  const words = useWords();
  if (campaign.state === "paused" || campaign.state === "finished") return <Mark tone="wait">{words.life.states[campaign.state]}</Mark>;
  if (campaign.run === null) return <Mark>{words.campaigns.never}</Mark>;
  return (
    <>
      <Mark tone={isRunning(campaign) ? "good" : "plain"}>
        {isRunning(campaign) ? words.campaigns.running : words.campaigns.ended}
      </Mark>{" "}
      <span className="quiet">{words.campaigns.run(campaign.run)}</span>
    </>
  );
}
