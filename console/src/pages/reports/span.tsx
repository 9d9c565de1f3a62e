import { Input } from "antd";
import type { ReactNode } from "react";
import { useSearchParams } from "wouter";

import { daysAgo } from "../../api/clock";
import type { Span } from "../../api/reports";
import { useWords } from "../../words";

const DAY = /^2[01]\d\d-\d\d-\d\d$/;

export interface Asked {
  span: Span;
  get: (name: string) => string | null;
  set: (changed: Record<string, string | null>) => void;
}

/** What is asked for stands in the address: it can be sent on, and the way back from a call finds it again. */
export function useAsked(): Asked {
  const [search, setSearch] = useSearchParams();
  const day = (name: string, otherwise: number): string => {
    const given = search.get(name);
    return given !== null && DAY.test(given) ? given : daysAgo(otherwise);
  };
  const campaign = search.get("campaign");
  const [first, last] = [day("first", 30), day("last", 0)];
  return {
    span: { first: first < last ? first : last, last, ...(campaign && { campaign }) },
    get: (name) => search.get(name),
    set: (changed) =>
      setSearch(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changed)) {
            if (value) after.set(name, value);
            else after.delete(name);
          }
          return after;
        },
        { replace: true },
      ),
  };
}

/** From which day to which. */
export function Days({ asked }: { asked: Asked }): ReactNode {
  const words = useWords().reports;
  const field = (name: "first" | "last"): ReactNode => (
    <label className="day">
      {words[name]}
      <Input
        type="date"
        required
        value={asked.span[name]}
        min={name === "last" ? asked.span.first : "2000-01-01"}
        max={name === "first" ? asked.span.last : "2199-12-31"}
        onChange={(event) => DAY.test(event.target.value) && asked.set({ [name]: event.target.value })}
      />
    </label>
  );
  return (
    <>
      {field("first")}
      {field("last")}
    </>
  );
}
