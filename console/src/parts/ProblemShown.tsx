import { Alert } from "antd";
import type { ReactNode } from "react";

import { useTold } from "../words/told";

/** What the server says went wrong, in its own words: they name the remedy. */
export function ProblemShown({ problem }: { problem: Error | null }): ReactNode {
  const told = useTold();
  if (problem === null) return null;
  const fields = "fields" in problem && Array.isArray(problem.fields) ? (problem.fields as string[]) : [];
  return (
    <Alert
      role="alert"
      type="error"
      showIcon
      title={told(problem.message)}
      {...(fields.length > 0 && { description: fields.map(told).join("; ") })}
      className="problem"
    />
  );
}
