import { queryOptions, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { api, body } from "../api/client";
import { useLanguage } from "../words";

const rules = queryOptions({
  queryKey: ["rules"],
  queryFn: async () => new Map((await body(api.GET("/api/v1/rules"))).map((rule) => [rule.id, rule])),
  staleTime: Infinity,
});

/** A rule in words, its name beneath; the name alone where the words are not known. */
export function RuleName({ id }: { id: string }): ReactNode {
  const language = useLanguage();
  const rule = useQuery(rules).data?.get(id);
  return (
    <span className="rule">
      {rule !== undefined && (language === "zh" ? rule.reason_zh : rule.reason_en)}
      <code title={rule?.cite}>{id}</code>
    </span>
  );
}
