import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { callers, lines } from "../../api/lines";
import { Card } from "../../parts/Card";
import { useWords } from "../../words";
import { Documents } from "./Standing";

/** Documents that end within thirty days or have ended; nothing stands here while all hold. */
export function Ending(): ReactNode {
  const words = useWords().lines;
  const ofLines = (useQuery(lines).data ?? []).map((one) => ({ name: one.name, of: one }));
  const ofNumbers = (useQuery(callers).data ?? []).map((one) => ({ name: one.number, of: one }));
  const ending = [...ofLines, ...ofNumbers].filter(({ of }) => of.documents !== "hold");
  if (ending.length === 0) return null;
  return (
    <Card>
      <h2>{words.ending}</h2>
      <ul className="plain">
        {ending.map(({ name, of }) => (
          <li key={name}>
            <Link href="/lines">{name}</Link> <Documents of={of} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
