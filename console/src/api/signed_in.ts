import { QueryClient } from "@tanstack/react-query";

import { Problem } from "./problem";
import type { components } from "./schema";

export type Who = components["schemas"]["Who"];
export type Permission = components["schemas"]["Permission"];

/** Everything that was read from the server, and who is signed in. */
export const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (tries, error) => tries < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
    },
  },
});

export const WHO = ["session"] as const;

/** Who is signed in; null when nobody is, undefined while nobody has asked. */
export const who = (): Who | null | undefined => cache.getQueryData<Who | null>(WHO);

/** Somebody else's data leaves with them. */
export function becomes(somebody: Who | null): void {
  if (who()?.name !== somebody?.name) cache.removeQueries({ predicate: (one) => one.queryKey[0] !== WHO[0] });
  cache.setQueryData(WHO, somebody);
}
