import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button } from "antd";
import type { ReactNode } from "react";

import { removeOver, retentionPlan, retentionRuns } from "../../api/readings";
import type { Who } from "../../api/signed_in";
import { Table } from "../../parts/Table";
import { useWrite } from "../../parts/useWrite";
import { named, useWords } from "../../words";
import { useSource } from "../../words/codes";
import { useFigures } from "../../words/figures";
import { usePackName } from "./Law";

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((all, n) => all + n, 0);

/** What is over now, and what was removed before. */
export default function Retention({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const source = useSource();
  const { count, day, second } = useFigures();
  const { message, modal } = App.useApp();
  const countryOf = usePackName();
  const plan = useQuery(retentionPlan);
  const runs = useQuery(retentionRuns);
  const removing = useWrite(["retention"], removeOver);
  const remove = (): void =>
    removing.mutate(undefined, {
      onSuccess: ({ removed }) => void message.success(words.retention.done(count(sum(removed)))),
    });
  const notFound = removing.data?.not_found ?? 0;
  return (
    <>
      <section>
        <p className="quiet">{words.retention.why}</p>
        <div className="heading">
          <h2>{words.retention.plan}</h2>
          {who.permissions.includes("people:erase") && (plan.data?.length ?? 0) > 0 && (
            <Button
              danger
              loading={removing.isPending}
              onClick={() =>
                void modal.confirm({
                  title: words.retention.run,
                  content: words.retention.runWhy,
                  okText: words.retention.run,
                  okButtonProps: { danger: true },
                  cancelText: words.doing.cancel,
                  onOk: remove,
                })
              }
            >
              {words.retention.run}
            </Button>
          )}
        </div>
        {notFound > 0 && <Alert type="warning" showIcon className="problem" title={words.retention.notFound(notFound)} />}
        <Table
          caption={words.retention.plan}
          rows={plan.data}
          problem={plan.error}
          empty={words.retention.nothing}
          keyOf={(one) => `${one.part} ${one.country ?? ""}`}
          columns={[
            { title: words.retention.part, shows: (one) => named(words.retention.parts, one.part) },
            { title: words.retention.country, shows: (one) => (one.country === null ? "—" : countryOf(one.country)) },
            { title: words.retention.count, shows: (one) => count(one.count), isFigure: true },
            { title: words.retention.before, shows: (one) => day(one.ended_before) },
            {
              title: words.retention.duty,
              shows: (one) => (
                <>
                  {words.retention.days(one.days)} · <code>{one.duty}</code>
                  <small>{source(one.cite)}</small>
                </>
              ),
            },
          ]}
        />
      </section>
      <section>
        <div className="heading">
          <h2>{words.retention.runs}</h2>
        </div>
        <Table
          caption={words.retention.runs}
          rows={runs.data}
          problem={runs.error}
          empty={words.retention.noRuns}
          keyOf={(one) => one.id}
          columns={[
            { title: words.retention.at, shows: (one) => second(one.at) },
            { title: words.retention.by, shows: (one) => one.by },
            {
              title: words.retention.removed,
              shows: (one) =>
                sum(one.removed) === 0
                  ? words.retention.nothingRemoved
                  : Object.entries(one.removed)
                      .filter(([, n]) => n > 0)
                      .map(([part, n]) => `${named(words.retention.parts, part)} ${count(n)}`)
                      .join(" · "),
            },
          ]}
        />
      </section>
    </>
  );
}
