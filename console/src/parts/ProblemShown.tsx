import { Alert } from "antd";
import type { ReactNode } from "react";

/** What the server says went wrong, in its own words: they name the remedy. */
export function ProblemShown({ problem }: { problem: Error | null }): ReactNode {
  if (problem === null) return null;
  const fields = "fields" in problem && Array.isArray(problem.fields) ? (problem.fields as string[]) : [];
  return (
    <Alert
      role="alert"
      type="error"
      showIcon
      title={problem.message}
      {...(fields.length > 0 && { description: fields.join("; ") })}
      className="problem"
    />
  );
}
