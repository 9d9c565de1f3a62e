import { useQuery } from "@tanstack/react-query";
import { Input } from "antd";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";

import { contacts, type Contact } from "../../api/lists";
import type { Who } from "../../api/signed_in";
import { ContactShown } from "../../parts/ContactShown";
import { Pages, usePaging } from "../../parts/paging";
import { RuleName } from "../../parts/RuleName";
import { Table } from "../../parts/Table";
import { Outcome } from "../../parts/Tone";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { Provenance } from "./Provenance";

/** The contacts of a list, each with what the gate last said and why. */
export function Contacts({ list, who }: { list: string; who: Who }): ReactNode {
  const words = useWords();
  const [region, setRegion] = useState("");
  const paging = usePaging();
  const page = useQuery(contacts(list, region, paging.after));
  return (
    <>
      <p className="trail">
        <Link href="/lists">{words.lists.title}</Link>
      </p>
      <div className="heading">
        <h1>{list}</h1>
        {who.permissions.includes("campaigns:run") && (
          <Link href={`/campaigns/new/plan?list=${encodeURIComponent(list)}`}>{words.imports.toCampaign}</Link>
        )}
      </div>
      <Provenance list={list} />
      <div className="tools">
        <Input.Search
          allowClear
          aria-label={words.lists.anyRegion}
          placeholder={words.lists.anyRegion}
          maxLength={60}
          onSearch={(entered) => {
            paging.restart();
            setRegion(entered.trim());
          }}
        />
        <span className="quiet">{words.lists.masked}</span>
      </div>
      <Table
        caption={list}
        rows={page.data?.items}
        problem={page.error}
        empty={words.lists.noContacts}
        keyOf={(one) => one.id}
        columns={[
          { title: words.lists.line, shows: (one) => one.line_no, isFigure: true },
          { title: words.lists.contact, shows: (one) => <ContactShown of={one} /> },
          {
            title: words.lists.basis,
            shows: (one) => (
              <>
                {one.basis === null ? words.lists.noBasis : named(words.names.bases, one.basis)}
                <small>{one.data_source === null ? words.lists.noSource : words.lists.source(one.data_source)}</small>
              </>
            ),
          },
          { title: words.lists.verdict, shows: (one) => <Newest contact={one} /> },
          { title: words.lists.rules, shows: (one) => one.rules.map((rule) => <RuleName key={rule} id={rule} />) },
        ]}
      />
      <Pages paging={paging} next={page.data?.next} />
    </>
  );
}

function Newest({ contact }: { contact: Contact }): ReactNode {
  const words = useWords().lists;
  const { time } = useFigures();
  if (contact.outcome === null) return <span className="quiet">{words.notAsked}</span>;
  return (
    <>
      <Outcome outcome={contact.outcome} />
      {contact.until !== null && <small>{words.until(time(contact.until))}</small>}
    </>
  );
}
