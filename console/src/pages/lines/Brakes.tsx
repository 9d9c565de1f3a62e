import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { nameOf } from "../../api/compliance";
import { brakes, type Brake } from "../../api/lines";
import { Table } from "../../parts/Table";
import { named, useLanguage, useWords } from "../../words";
import { useFigures } from "../../words/figures";

/** What has been heard, and how near it is to stopping a line, a number, a script or the enterprise. */
export function Brakes(): ReactNode {
  const words = useWords();
  const language = useLanguage();
  const all = useQuery(brakes);
  return (
    <section>
      <div className="heading">
        <h2>{words.lines.brakes}</h2>
      </div>
      <p className="quiet">{words.lines.brakesWhy}</p>
      <Table
        caption={words.lines.brakes}
        rows={all.data}
        problem={all.error}
        empty={words.lines.noBrakes}
        keyOf={(one) => `${one.resource} ${one.name} ${one.id}`}
        columns={[
          {
            title: words.suspensions.what,
            shows: (one) => (
              <>
                {named(words.names.resources, one.resource)} <code>{nameOf(one)}</code>
              </>
            ),
          },
          { title: words.lines.signal, shows: (one) => (language === "zh" ? one.reason_zh : one.reason_en) },
          { title: words.lines.counted, shows: (one) => <Counted brake={one} /> },
          { title: words.lines.limit, shows: (one) => <Limit brake={one} /> },
        ]}
      />
    </section>
  );
}

function Counted({ brake }: { brake: Brake }): ReactNode {
  const words = useWords().lines;
  const { share } = useFigures();
  if (brake.at_most_ratio === null) return words.complaints(brake.signals);
  return (
    <>
      {words.ofAnswered(brake.signals, brake.answered)}
      <small>{brake.share === null ? words.tooFew(brake.at_least) : words.surely(share(brake.share, 1))}</small>
    </>
  );
}

function Limit({ brake }: { brake: Brake }): ReactNode {
  const words = useWords().lines;
  const { share } = useFigures();
  if (brake.at_most_ratio !== null) return words.atMostShare(share(brake.at_most_ratio, 1), brake.within_days);
  return words.atMost(brake.at_most ?? 0, brake.within_days);
}
