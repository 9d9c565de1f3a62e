import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useState } from "react";

import { save, savedMeanwhile, type Draft } from "../../api/scripts";
import { useWords } from "../../words";

/** The saved text one's own was made from. */
export interface Base {
  text: string;
  etag: string;
}

export interface Saving {
  base: Base;
  isSaving: boolean;
  /** What somebody else saved in between; one's own waits until both are merged. */
  meanwhile: Draft | null;
  /** The etag of what was saved; null when it was not. */
  save: (text: string, on?: Base) => Promise<string | null>;
  rebase: (base: Base) => void;
  later: () => void;
}

export function useSaving(name: string, start: Base): Saving {
  const known = useQueryClient();
  const words = useWords();
  const { modal } = App.useApp();
  const [base, rebase] = useState(start);
  const [isSaving, setSaving] = useState(false);
  const [meanwhile, setMeanwhile] = useState<Draft | null>(null);
  const attempt = async (text: string, on: Base = base): Promise<string | null> => {
    setSaving(true);
    try {
      const { etag } = await save(name, text, on.etag);
      rebase({ text, etag });
      setMeanwhile(null);
      void known.invalidateQueries({ queryKey: ["scripts"], exact: true });
      return etag;
    } catch (problem) {
      const current = savedMeanwhile(problem);
      if (current !== null) setMeanwhile(current);
      else if (problem instanceof Error) modal.error({ title: problem.message, okText: words.doing.close });
      return null;
    } finally {
      setSaving(false);
    }
  };
  return { base, isSaving, meanwhile, save: attempt, rebase, later: () => setMeanwhile(null) };
}
