import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import type { ReactNode } from "react";

import { callEvidence, callProof } from "../../api/evidence";
import { ProblemShown } from "../../parts/ProblemShown";
import { save } from "../../parts/save";
import { Mark } from "../../parts/Tone";
import { useWrite } from "../../parts/useWrite";
import { Waiting } from "../../parts/Waiting";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";

/** Where a call stands in the evidence chain, and the proof of it to hand out. */
export function Proof({ id }: { id: number }): ReactNode {
  const words = useWords().evidence;
  const { second } = useFigures();
  const found = useQuery(callEvidence(id));
  const proving = useWrite([], () => callProof(id));
  if (found.error !== null) return <ProblemShown problem={found.error} />;
  if (found.data === undefined) return <Waiting />;
  const { events } = found.data;
  return (
    <>
      <p className="quiet">{words.ofCallWhy}</p>
      {events.length === 0 && <p className="empty">{words.none}</p>}
      <ul className="plain dense">
        {events.map((event) => (
          <li key={event.id}>
            <span title={event.kind}>{named(words.kinds, event.kind)}</span>{" "}
            {event.seal === null ? <Mark tone="wait">{words.waiting}</Mark> : <Mark tone="good">{words.sealNumber(event.seal)}</Mark>}
            <small>{second(event.at)}</small>
          </li>
        ))}
      </ul>
      {events.some(({ seal }) => seal !== null) && (
        <>
          <Button
            loading={proving.isPending}
            onClick={() => proving.mutate(undefined, { onSuccess: (file) => save(file, `call-${id}-proof.jsonl`) })}
          >
            {words.proof}
          </Button>
          <small>{words.proofWhy}</small>
        </>
      )}
    </>
  );
}
