import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState, type ReactNode } from "react";

import { versions } from "../../api/scripts";
import type { Who } from "../../api/signed_in";
import { Table } from "../../parts/Table";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { OneVersion } from "./OneVersion";
import { VersionState } from "./VersionState";

/** What was submitted, the newest first; the one that is open is the newest unless another is chosen. */
export function Versions({ name, who }: { name: string; who: Who }): ReactNode {
  const words = useWords().scripts.versions;
  const { time } = useFigures();
  const all = useQuery(versions(name));
  const [chosen, setChosen] = useState<string | null>(null);
  const open = all.data?.find((one) => one.hash === chosen) ?? all.data?.[0];
  return (
    <>
      <p className="quiet">{words.why}</p>
      <Table
        caption={words.why}
        rows={all.data}
        problem={all.error}
        empty={words.empty}
        keyOf={(one) => one.hash}
        columns={[
          {
            title: words.hash,
            shows: (one) => (
              <Button type="link" size="small" aria-current={one === open} aria-label={words.open(one.hash.slice(0, 12))} onClick={() => setChosen(one.hash)}>
                <code>{one.hash.slice(0, 12)}</code>
              </Button>
            ),
          },
          { title: words.by, shows: (one) => one.submitted_by ?? "—" },
          { title: words.stored, shows: (one) => time(one.stored_at) },
          {
            title: words.reviews,
            shows: (one) => (
              <>
                <VersionState version={one} />
                {one.approved_until !== null && <small>{words.until(time(one.approved_until))}</small>}
              </>
            ),
          },
        ]}
      />
      {open !== undefined && <OneVersion key={open.hash} version={open} who={who} />}
    </>
  );
}
