import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useEffect, type ReactNode } from "react";

import { lacking, render, rendering, type Said } from "../../api/scripts";
import type { Who } from "../../api/signed_in";
import { ProblemShown } from "../../parts/ProblemShown";
import { useWrite } from "../../parts/useWrite";
import { useWords } from "../../words";
import { useTold } from "../../words/told";

interface Props {
  script: string;
  said: Said;
  who: Who;
}

/** Says before a start that sentences have no recording, and has them made: without them a run calls nobody. */
export function Lacking({ script, said, who }: Props): ReactNode {
  const words = useWords().plan.clips;
  const told = useTold();
  const found = useQuery(lacking(script, said));
  const progress = useQuery(rendering(script));
  const make = useWrite(["scripts"], () => render(script, said), true);
  const isRunning = progress.data?.is_running ?? false;
  const again = found.refetch;
  useEffect(() => {
    if (!isRunning) void again();
  }, [isRunning, again]);
  const { everybody, people } = found.data ?? { everybody: null, people: null };
  const missing = (everybody ?? 0) + (people ?? 0);
  if (missing === 0) return null;
  return (
    <Alert
      type="warning"
      showIcon
      className="problem"
      title={words.missing(missing, people ?? 0)}
      description={
        <>
          <p>{words.why}</p>
          <ProblemShown problem={make.error} />
          {!isRunning && make.error === null && progress.data?.last_words != null && <p>{told(progress.data.last_words)}</p>}
          {!who.permissions.includes("scripts:write") ? (
            <p>{words.ask}</p>
          ) : (
            <Button loading={make.isPending || isRunning} onClick={() => make.mutate(undefined)}>
              {isRunning && progress.data ? words.making(progress.data.done, progress.data.total) : words.make(missing)}
            </Button>
          )}
        </>
      }
    />
  );
}
