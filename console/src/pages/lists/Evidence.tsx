import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { showEvidence, type Import } from "../../api/imports";
import { Card } from "../../parts/Card";
import { DropZone, type Dropped } from "../../parts/DropZone";
import { ProblemShown } from "../../parts/ProblemShown";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";

const AT_ONCE = 4;

/** Evidence files that rows name: shown to the server, which keeps what they hash to. */
export function Evidence({ one, onShown }: { one: Import; onShown: () => void }): ReactNode {
  const words = useWords().imports;
  const { count } = useFigures();
  const [progress, setProgress] = useState<{ done: number; all: number }>();
  const showing = useMutation({
    mutationFn: async (files: readonly Dropped[]) => {
      const waiting = [...files];
      let done = 0;
      const some = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          await showEvidence(one.id, next.path, next.file);
          done += 1;
          setProgress({ done, all: files.length });
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, some));
    },
    onSuccess: onShown,
    onSettled: () => setProgress(undefined),
  });
  const { evidence_named: all, evidence_missing: missing } = one;
  return (
    <Card>
      <h2>{words.evidence}</h2>
      <p className="quiet">{words.evidenceWhy}</p>
      <ProblemShown problem={showing.error} />
      <DropZone
        label={progress === undefined ? words.evidenceDrop : words.evidenceSending(progress.done, progress.all)}
        isMany
        isDisabled={showing.isPending}
        onFiles={(files) => showing.mutate(files)}
      />
      {all !== null && all > 0 && (
        <p role="status">{words.evidenceMatched(count(all - missing.length), count(all))}</p>
      )}
      {missing.length > 0 && (
        <details>
          <summary>{words.evidenceMissing(count(missing.length))}</summary>
          <ul>
            {missing.map((name) => (
              <li key={name}>
                <code>{name}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}
