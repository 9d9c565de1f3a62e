import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";

import { check, type Checked } from "../../api/scripts";

/** Somebody who types is left alone this long. */
const PAUSE_MS = 400;

export interface Checking {
  found: Checked | undefined;
  /** What is found is of an earlier text. */
  isOld: boolean;
  problem: Error | null;
  /** Checks the same text again, when something besides the text has changed. */
  again: () => void;
}

/** What the server finds in a text, once nobody has typed for a moment. */
export function useChecked(text: string): Checking {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const found = useQuery({
    queryKey: ["script-check", settled],
    queryFn: ({ signal }) => check(settled, signal),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 10_000,
  });
  const { refetch } = found;
  const again = useCallback(() => void refetch(), [refetch]);
  return { found: found.data, isOld: settled !== text || found.isPlaceholderData || found.isPending, problem: found.error, again };
}
