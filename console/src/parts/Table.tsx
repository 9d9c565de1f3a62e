import type { ReactNode } from "react";

import { ProblemShown } from "./ProblemShown";
import { Waiting } from "./Waiting";

export interface Column<Row> {
  title: string;
  shows: (row: Row) => ReactNode;
  /** Figures stand to the right. */
  isFigure?: boolean;
}

interface Props<Row> {
  /** What the table holds, for those who do not see it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[] | undefined;
  keyOf: (row: Row) => string | number;
  problem: Error | null;
  /** What is said of a table without rows. */
  empty: string;
}

/** Every table of the console: a real `<table>`, which folds into cards where the window is narrow. */
export function Table<Row>({ caption, columns, rows, keyOf, problem, empty }: Props<Row>): ReactNode {
  if (problem !== null) return <ProblemShown problem={problem} />;
  if (rows === undefined) return <Waiting />;
  if (rows.length === 0) return <p className="empty">{empty}</p>;
  return (
    <table className="table">
      <caption>{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.title} scope="col" className={column.isFigure ? "figure" : undefined}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <td key={column.title} data-title={column.title} className={column.isFigure ? "figure" : undefined}>
                <div>{column.shows(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
