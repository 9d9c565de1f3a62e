import { useEffect, useState, useSyncExternalStore } from "react";

import type { Language } from "../words";

/** Language and appearance: each browser keeps its own. */
export type Theme = "system" | "light" | "dark";

export interface Look {
  language: Language;
  theme: Theme;
  isDark: boolean;
  setLanguage: (language: Language) => void;
  setTheme: (theme: Theme) => void;
}

export function useLook(): Look {
  const [language, setLanguage] = useKept<Language>("language", ["zh", "en"], ofBrowser());
  const [theme, setTheme] = useKept<Theme>("theme", ["system", "light", "dark"], "system");
  const isSystemDark = useSyncExternalStore(watchSystem, () => systemDark.matches);
  const isDark = theme === "dark" || (theme === "system" && isSystemDark);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
    document.documentElement.style.colorScheme = isDark ? "dark" : "light";
  }, [language, isDark]);
  return { language, theme, isDark, setLanguage, setTheme };
}

/** Chinese unless the browser asks for English first. */
function ofBrowser(): Language {
  return navigator.language.startsWith("en") ? "en" : "zh";
}

const systemDark = matchMedia("(prefers-color-scheme: dark)");

function watchSystem(changed: () => void): () => void {
  systemDark.addEventListener("change", changed);
  return () => systemDark.removeEventListener("change", changed);
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
