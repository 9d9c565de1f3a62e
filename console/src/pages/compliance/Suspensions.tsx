import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState, type ReactNode } from "react";

import { lift, nameOf, suspensions, type SuspensionShown } from "../../api/compliance";
import type { Who } from "../../api/signed_in";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { Table } from "../../parts/Table";
import { useWrite } from "../../parts/useWrite";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";

/** What the gate denies until somebody else than who suspended it lifts it. */
export function Suspensions({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const { time } = useFigures();
  const all = useQuery(suspensions);
  const [lifted, setLifted] = useState<SuspensionShown>();
  const lifting = useWrite(suspensions.queryKey, lift, true);
  const may = who.permissions.includes("suspensions:lift");
  const leave = (): void => {
    setLifted(undefined);
    lifting.reset();
  };
  return (
    <section>
      <div className="heading">
        <h2>{words.suspensions.title}</h2>
      </div>
      <Table
        caption={words.suspensions.title}
        rows={all.data}
        problem={all.error}
        empty={words.suspensions.empty}
        keyOf={(one) => `${one.resource} ${one.name}`}
        columns={[
          {
            title: words.suspensions.what,
            shows: (one) => (
              <>
                {named(words.names.resources, one.resource)} <code>{nameOf(one)}</code>
              </>
            ),
          },
          { title: words.suspensions.reason, shows: (one) => one.reason },
          { title: words.suspensions.since, shows: (one) => time(one.since) },
          { title: words.suspensions.by, shows: (one) => one.suspended_by ?? words.suspensions.brake },
          {
            title: words.doing.title,
            shows: (one) =>
              may && one.suspended_by === who.name ? (
                <span className="quiet">{words.suspensions.fourEyes}</span>
              ) : (
                may && (
                  <Button size="small" onClick={() => setLifted(one)}>
                    {words.suspensions.lift}
                  </Button>
                )
              ),
          },
        ]}
      />
      {lifted !== undefined && (
        <ReasonDialog
          title={words.suspensions.lift}
          why={words.suspensions.liftWhy(`${named(words.names.resources, lifted.resource)} ${nameOf(lifted)}`)}
          does={words.suspensions.lift}
          problem={lifting.error}
          isSaving={lifting.isPending}
          onCancel={leave}
          onReason={(reason) =>
            lifting.mutate({ resource: lifted.resource, name: lifted.name, reason }, { onSuccess: leave })
          }
        />
      )}
    </section>
  );
}
