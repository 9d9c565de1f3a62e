import { useEffect, useState, useSyncExternalStore } from "react";

import type { Language } from "../words";

/** Language and appearance: each browser keeps its own. */
export type Theme = "system" | "light" | "dark";

export interface Look {
  language: Language;
  theme: Theme;
  isDark: boolean;
  /** Whether nothing is to move by itself, as the system says. */
  isStill: boolean;
  setLanguage: (language: Language) => void;
  setTheme: (theme: Theme) => void;
}

export function useLook(): Look {
  const [language, setLanguage] = useKept<Language>("language", ["zh", "en"], ofBrowser());
  const [theme, setTheme] = useKept<Theme>("theme", ["system", "light", "dark"], "system");
  const isSystemDark = useMatch(systemDark);
  const isStill = useMatch(systemStill);
  const isDark = theme === "dark" || (theme === "system" && isSystemDark);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
    document.documentElement.style.colorScheme = isDark ? "dark" : "light";
  }, [language, isDark]);
  return { language, theme, isDark, isStill, setLanguage, setTheme };
}

/** Chinese unless the browser asks for English first. */
function ofBrowser(): Language {
  return navigator.language.startsWith("en") ? "en" : "zh";
}

const systemDark = matchMedia("(prefers-color-scheme: dark)");
const systemStill = matchMedia("(prefers-reduced-motion: reduce)");

function useMatch(query: MediaQueryList): boolean {
  return useSyncExternalStore(
    (changed) => {
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => query.matches,
  );
}

function useKept<T extends string>(name: string, known: readonly T[], otherwise: T): [T, (value: T) => void] {
  const key = `fairdial.${name}`;
  const [value, setValue] = useState<T>(() => known.find((one) => one === localStorage.getItem(key)) ?? otherwise);
  const keep = (next: T): void => {
    localStorage.setItem(key, next);
    setValue(next);
  };
  return [value, keep];
}
