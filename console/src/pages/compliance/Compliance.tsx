import { lazy, type ComponentType, type ReactNode } from "react";
import { Link, Redirect, useParams } from "wouter";

import type { Permission, Who } from "../../api/signed_in";
import { NotYours } from "../../shell/Missing";
import { useWords } from "../../words";
import type { Words } from "../../words/zh";
import { Against } from "./Against";

interface Part {
  name: Exclude<keyof Words["parts"], "label">;
  needs: readonly Permission[];
  shows: ComponentType<{ who: Who }>;
}

const PARTS: readonly Part[] = [
  { name: "against", needs: ["compliance:read", "lines:read", "refusals:write", "complaints:write"], shows: Against },
  { name: "law", needs: ["campaigns:read"], shows: lazy(() => import("./Law")) },
  { name: "gate", needs: ["campaigns:read"], shows: lazy(() => import("./Gate")) },
  { name: "evidence", needs: ["compliance:read", "evidence:export"], shows: lazy(() => import("./Evidence")) },
  { name: "reads", needs: ["compliance:read"], shows: lazy(() => import("./Reads")) },
  { name: "retention", needs: ["compliance:read"], shows: lazy(() => import("./Retention")) },
];

const FIRST = "against";
const addressOf = (name: string): string => (name === FIRST ? "/compliance" : `/compliance/${name}`);

/** What speaks against calling, by which rules, and the proof of what was done. */
export default function Compliance({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const { part = FIRST } = useParams<{ part?: string }>();
  const mine = PARTS.filter(({ needs }) => needs.some((one) => who.permissions.includes(one)));
  const shown = mine.find(({ name }) => name === part);
  if (shown === undefined) return PARTS.some(({ name }) => name === part) ? <NotYours /> : <Redirect to="/compliance" replace />;
  return (
    <>
      <h1>{words.menu.compliance}</h1>
      {mine.length > 1 && (
        <nav className="parts" aria-label={words.parts.label}>
          {mine.map(({ name }) => (
            <Link key={name} href={addressOf(name)} aria-current={name === part ? "page" : undefined}>
              {words.parts[name]}
            </Link>
          ))}
        </nav>
      )}
      <shown.shows who={who} />
    </>
  );
}
