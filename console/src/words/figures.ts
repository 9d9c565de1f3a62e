import { useLanguage } from ".";

/** Times, numbers and shares as the language writes them. */
export interface Figures {
  time: (iso: string) => string;
  second: (iso: string) => string;
  day: (iso: string) => string;
  count: (n: number) => string;
  share: (part: number, whole: number) => string;
}

function figures(locale: string): Figures {
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const second = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const count = new Intl.NumberFormat(locale);
  const share = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  return {
    time: (iso) => time.format(new Date(iso)),
    second: (iso) => second.format(new Date(iso)),
    day: (iso) => day.format(new Date(iso)),
    count: (n) => count.format(n),
    share: (part, whole) => share.format(whole === 0 ? 0 : part / whole),
  };
}

const FIGURES = { zh: figures("zh-CN"), en: figures("en-GB") };

export function useFigures(): Figures {
  return FIGURES[useLanguage()];
}
