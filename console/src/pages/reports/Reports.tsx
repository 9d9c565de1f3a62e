import { lazy, type ComponentType, type ReactNode } from "react";
import { Link, Redirect, useParams, useSearch } from "wouter";

import type { Who } from "../../api/signed_in";
import { useWords } from "../../words";
import type { Words } from "../../words/zh";
import { ByGroup } from "./ByGroup";

type Part = Exclude<keyof Words["reports"]["parts"], "label">;

const PARTS: Record<Part, ComponentType<{ who: Who }>> = {
  calls: ByGroup,
  ab: lazy(() => import("./Versions")),
  day: lazy(() => import("./Day")),
};
const addressOf = (part: string): string => (part === "calls" ? "/reports" : `/reports/${part}`);

/** What calls came to; every figure leads to the calls behind it. */
export default function Reports({ who }: { who: Who }): ReactNode {
  const words = useWords().reports;
  const { part = "calls" } = useParams<{ part?: string }>();
  const search = useSearch();
  const shown = Object.keys(PARTS).find((name): name is Part => name === part);
  if (shown === undefined) return <Redirect to="/reports" replace />;
  const Shown = PARTS[shown];
  return (
    <>
      <h1>{words.title}</h1>
      <nav className="parts" aria-label={words.parts.label}>
        {Object.keys(PARTS).map((name) => (
          <Link
            key={name}
            href={`${addressOf(name)}${search && `?${search}`}`}
            aria-current={name === part ? "page" : undefined}
          >
            {words.parts[name as Part]}
          </Link>
        ))}
      </nav>
      <Shown who={who} />
    </>
  );
}
