import { Tag } from "antd";
import type { ReactNode } from "react";

import { isRunning, type Campaign } from "../../api/campaigns";
import { useWords } from "../../words";

/** Whether the newest run goes on. */
export function State({ campaign }: { campaign: Campaign }): ReactNode {
  const words = useWords();
  if (campaign.run === null) return <Tag>{words.campaigns.never}</Tag>;
  return (
    <>
      <Tag color={isRunning(campaign) ? "green" : "default"}>
        {isRunning(campaign) ? words.campaigns.running : words.campaigns.ended}
      </Tag>
      <span className="quiet">{words.campaigns.run(campaign.run)}</span>
    </>
  );
}
