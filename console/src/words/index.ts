import { createContext, useContext } from "react";

import { en } from "./en";
import { zh, type Words } from "./zh";

export type Language = "zh" | "en";

const WORDS: Record<Language, Words> = { zh, en };

export const Speaks = createContext<Language>("zh");

export function useLanguage(): Language {
  return useContext(Speaks);
}

/** The console's words in the language that was chosen. */
export function useWords(): Words {
  return WORDS[useContext(Speaks)];
}

/** The name of a word of the ledger; the word itself when it has none. */
export function named(names: Readonly<Record<string, string>>, word: string): string {
  return names[word] ?? word;
}
