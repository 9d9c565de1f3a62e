import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { consents, files } from "../../api/lists";
import { Pages, usePaging } from "../../parts/paging";
import { Table } from "../../parts/Table";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";

/** Where a list's people come from, and what they allowed. */
export function Provenance({ list }: { list: string }): ReactNode {
  const words = useWords().imports;
  const [wantsConsents, setWantsConsents] = useState(false);
  return (
    <div className="provenance">
      <details open>
        <summary>{words.files}</summary>
        <Files list={list} />
      </details>
      <details onToggle={(event) => setWantsConsents(event.currentTarget.open)}>
        <summary>{words.consents}</summary>
        {wantsConsents && <Consents list={list} />}
      </details>
    </div>
  );
}

function Files({ list }: { list: string }): ReactNode {
  const words = useWords().imports;
  const { count, time } = useFigures();
  const all = useQuery(files(list));
  return (
    <Table
      caption={words.files}
      rows={all.data}
      problem={all.error}
      empty={words.noFiles}
      keyOf={(one) => `${one.sha256} ${one.imported_at}`}
      columns={[
        {
          title: words.file,
          shows: (one) => (
            <>
              {one.file}
              <small>
                <code title={one.sha256}>SHA-256 {one.sha256.slice(0, 12)}…</code>
              </small>
            </>
          ),
        },
        { title: words.accepted, shows: (one) => count(one.accepted), isFigure: true },
        { title: words.rejected, shows: (one) => count(one.rejected), isFigure: true },
        { title: words.by, shows: (one) => one.by ?? words.commandLine },
        { title: words.when, shows: (one) => time(one.imported_at) },
      ]}
    />
  );
}

function Consents({ list }: { list: string }): ReactNode {
  const words = useWords().imports;
  const { lists, names } = useWords();
  const { day } = useFigures();
  const paging = usePaging();
  const page = useQuery(consents(list, paging.after));
  return (
    <>
      <Table
        caption={words.consents}
        rows={page.data?.items}
        problem={page.error}
        empty={words.noConsents}
        keyOf={(one) => one.id}
        columns={[
          { title: lists.contact, shows: (one) => <span className="number">{one.number ?? "—"}</span> },
          { title: words.consentFor, shows: (one) => one.purposes.map((each) => named(names.purposes, each)).join("、") },
          { title: words.consentBy, shows: (one) => one.channels.map((each) => named(words.channels, each)).join("、") },
          { title: words.consentForm, shows: (one) => named(words.forms, one.form) },
          { title: words.obtained, shows: (one) => day(one.obtained_at) },
          {
            title: words.until,
            shows: (one) => (
              <>
                {one.valid_until === null ? "—" : day(one.valid_until)}
                {one.revoked_at !== null && <small>{words.revoked(day(one.revoked_at))}</small>}
              </>
            ),
          },
        ]}
      />
      <Pages paging={paging} next={page.data?.next} />
    </>
  );
}
