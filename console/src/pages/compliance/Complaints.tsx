import { useQuery } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState, type ReactNode } from "react";

import { closeComplaint, complaints, takeComplaint, type Complaint } from "../../api/compliance";
import type { Who } from "../../api/signed_in";
import { Pages, usePaging } from "../../parts/paging";
import { Table } from "../../parts/Table";
import { Mark } from "../../parts/Tone";
import { useWrite } from "../../parts/useWrite";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { ComplaintForm } from "./ComplaintForm";

/** A complaint is a refusal, too, and may suspend what it is about. */
const ABOUT = ["complaints", "refusals", "suspensions"];

/** Complaints, those that are open first, by when they are due. */
export function Complaints({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const { time } = useFigures();
  const { modal } = App.useApp();
  const [isTaking, setTaking] = useState(false);
  const paging = usePaging();
  const sees = who.permissions.includes("compliance:read");
  const takes = who.permissions.includes("complaints:write");
  const page = useQuery({ ...complaints(paging.after), enabled: sees });
  const take = useWrite(ABOUT, takeComplaint, true);
  const close = useWrite(ABOUT, closeComplaint);
  const leave = (): void => {
    setTaking(false);
    take.reset();
  };
  return (
    <section>
      <div className="heading">
        <h2>{words.complaints.title}</h2>
        {takes && <Button onClick={() => setTaking(true)}>{words.complaints.take}</Button>}
      </div>
      {sees && (
        <Table
          caption={words.complaints.title}
          rows={page.data?.items}
          problem={page.error}
          empty={words.complaints.empty}
          keyOf={(one) => one.id}
          columns={[
            { title: words.complaints.about, shows: (one) => named(words.names.categories, one.category) },
            { title: words.complaints.source, shows: (one) => named(words.names.sources, one.source) },
            { title: words.campaigns.callerNumber, shows: (one) => one.caller_number ?? "—" },
            { title: words.complaints.received, shows: (one) => time(one.received_at) },
            { title: words.complaints.due, shows: (one) => <Due complaint={one} /> },
            {
              title: words.doing.title,
              shows: (one) =>
                takes &&
                one.closed_at === null && (
                  <Button
                    size="small"
                    onClick={() =>
                      void modal.confirm({
                        title: words.complaints.closeWhy,
                        okText: words.complaints.close,
                        cancelText: words.doing.cancel,
                        onOk: () => close.mutate(one.id),
                      })
                    }
                  >
                    {words.complaints.close}
                  </Button>
                ),
            },
          ]}
        />
      )}
      <Pages paging={paging} next={page.data?.next} />
      {isTaking && (
        <ComplaintForm
          problem={take.error}
          isSaving={take.isPending}
          onCancel={leave}
          onSave={(asked) =>
            take.mutate(asked, {
              onSuccess: ({ close_by, stopped }) => {
                leave();
                modal.success({
                  title: words.complaints.taken(time(close_by)),
                  content: stopped.map((one) => <p key={one}>{one}</p>),
                  okText: words.doing.close,
                });
              },
            })
          }
        />
      )}
    </section>
  );
}

function Due({ complaint }: { complaint: Complaint }): ReactNode {
  const words = useWords().complaints;
  const { time } = useFigures();
  if (complaint.closed_at !== null) return <Mark>{words.closed(time(complaint.closed_at))}</Mark>;
  return (
    <>
      <Mark tone="wait">{words.answerBy(time(complaint.close_by))}</Mark>
      <small>{words.acknowledgeBy(time(complaint.acknowledge_by))}</small>
    </>
  );
}
