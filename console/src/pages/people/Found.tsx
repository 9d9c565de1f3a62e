import type { ReactNode } from "react";
import { Link } from "wouter";

import type { ContactFound, PersonFound } from "../../api/people";
import { Card } from "../../parts/Card";
import { Opinions } from "../../parts/Opinions";
import { Outcome } from "../../parts/Tone";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";

/** Where a person stands: what they said, and in every campaign the newest verdict with its citations. */
export function Found({ person }: { person: PersonFound }): ReactNode {
  const words = useWords();
  return (
    <div className="cards wide">
      <Said person={person} />
      {person.contacts.length === 0 && <p className="empty">{words.people.onNoList}</p>}
      {person.contacts.flatMap((contact) =>
        contact.campaigns.length === 0
          ? [<Contact key={contact.id} contact={contact} />]
          : contact.campaigns.map((campaign) => (
              <Contact key={`${contact.id} ${campaign.campaign}`} contact={contact} campaign={campaign} />
            )),
      )}
    </div>
  );
}

function Contact({ contact, campaign }: { contact: ContactFound; campaign?: ContactFound["campaigns"][number] }): ReactNode {
  const words = useWords();
  const { time } = useFigures();
  const basis = contact.basis === null ? words.lists.noBasis : named(words.names.bases, contact.basis);
  const source = contact.data_source === null ? words.lists.noSource : words.lists.source(contact.data_source);
  return (
    <Card>
      <h2>{campaign?.campaign ?? contact.list}</h2>
      <p className="quiet">
        <span className="number">{contact.number ?? words.calls.erased}</span> · {words.people.onList(contact.list, contact.line_no)} ·{" "}
        {basis} · {source}
      </p>
      {campaign !== undefined && !campaign.verdict && <p className="empty">{words.lists.notAsked}</p>}
      {campaign?.verdict && (
        <>
          <p>
            <Outcome outcome={campaign.verdict.outcome} />{" "}
            <span className="quiet">{words.verdict.decided(time(campaign.verdict.decided_at))}</span>
          </p>
          <Opinions opinions={campaign.verdict.opinions} />
          <p>
            <Link href={`/compliance/gate?campaign=${encodeURIComponent(campaign.campaign)}&contact=${contact.id}`}>
              {words.gate.tried}
            </Link>
          </p>
        </>
      )}
      {campaign?.calls.map((call) => (
        <p key={call.id}>
          <Link href={`/calls/${call.id}`}>{words.calls.one(call.id)}</Link>{" "}
          {named(words.names.dispositions, call.disposition ?? call.state)}{" "}
          <span className="quiet">{call.dialled_at !== null && time(call.dialled_at)}</span>
        </p>
      ))}
    </Card>
  );
}

function Said({ person }: { person: PersonFound }): ReactNode {
  const words = useWords();
  const { time, day } = useFigures();
  const { names } = words;
  const lines = [
    ...person.refusals.map((one) =>
      words.people.refused(time(one.understood_at), named(names.scopes, one.scope), named(names.sources, one.source)),
    ),
    ...person.complaints.map((one) => words.people.complained(time(one.received_at), named(names.categories, one.category))),
    ...person.consents.map((one) => {
      const purposes = one.purposes.map((purpose) => named(names.purposes, purpose)).join(" · ");
      const end = one.revoked_at ?? one.valid_until;
      return words.people.consented(day(one.obtained_at), purposes, end && day(end), one.revoked_at !== null);
    }),
  ];
  return (
    <Card>
      <h2>{words.people.said}</h2>
      {lines.length === 0 && <p className="empty">{words.people.saidNothing}</p>}
      <ul className="plain">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Card>
  );
}
