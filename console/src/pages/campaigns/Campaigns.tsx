import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useParams } from "wouter";

import { campaigns } from "../../api/campaigns";
import type { Who } from "../../api/signed_in";
import { Table } from "../../parts/Table";
import { NotYours } from "../../shell/Missing";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { NewCampaign } from "./NewCampaign";
import { OneCampaign } from "./OneCampaign";
import { State } from "./State";
import { WhyEach } from "./WhyEach";

const WHY = /^(.+)\/contacts$/;

export default function Campaigns({ who }: { who: Who }): ReactNode {
  const { "*": rest = "" } = useParams<{ "*"?: string }>();
  if (rest === "") return <All who={who} />;
  if (rest === "new/plan") return who.permissions.includes("campaigns:run") ? <NewCampaign who={who} /> : <NotYours />;
  const why = WHY.exec(rest)?.[1];
  if (why !== undefined) return <WhyEach campaign={decodeURIComponent(why)} />;
  return <OneCampaign name={decodeURIComponent(rest)} who={who} />;
}

function All({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const { count, time } = useFigures();
  const all = useQuery(campaigns);
  return (
    <>
      <div className="heading">
        <h1>{words.campaigns.title}</h1>
        {who.permissions.includes("campaigns:run") && <Link href="/campaigns/new/plan">{words.plan.new}</Link>}
      </div>
      <Table
        caption={words.campaigns.title}
        rows={all.data}
        problem={all.error}
        empty={words.campaigns.empty}
        keyOf={(one) => one.name}
        columns={[
          {
            title: words.campaigns.name,
            shows: (one) => <Link href={`/campaigns/${encodeURIComponent(one.name)}`}>{one.name}</Link>,
          },
          { title: words.campaigns.state, shows: (one) => <State campaign={one} /> },
          { title: words.campaigns.purpose, shows: (one) => named(words.names.purposes, one.purpose) },
          { title: words.campaigns.list, shows: (one) => one.list },
          { title: words.campaigns.script, shows: (one) => one.script },
          { title: words.campaigns.contacts, shows: (one) => count(one.contacts), isFigure: true },
          { title: words.campaigns.started, shows: (one) => (one.started_at === null ? "—" : time(one.started_at)) },
        ]}
      />
    </>
  );
}
