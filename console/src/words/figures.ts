import { useLanguage } from ".";

/** Times, numbers and shares as the language writes them. */
export interface Figures {
  time: (iso: string) => string;
  second: (iso: string) => string;
  day: (iso: string) => string;
  count: (n: number) => string;
  share: (part: number, whole: number) => string;
  /** A ratio in [0, 1]. */
  percent: (ratio: number) => string;
  decimal: (n: number) => string;
}

/** The days of reports, exports and rules are Beijing's, wherever a browser stands. */
const BEIJING = { timeZone: "Asia/Shanghai" } as const;

function figures(locale: string): Figures {
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", ...BEIJING });
  const second = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", ...BEIJING });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", ...BEIJING });
  const count = new Intl.NumberFormat(locale);
  const share = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  return {
    time: (iso) => time.format(new Date(iso)),
    second: (iso) => second.format(new Date(iso)),
    day: (iso) => day.format(new Date(iso)),
    count: (n) => count.format(n),
    share: (part, whole) => share.format(whole === 0 ? 0 : part / whole),
    percent: (ratio) => share.format(ratio),
    decimal: (n) => decimal.format(n),
  };
}

const FIGURES = { zh: figures("zh-CN"), en: figures("en-GB") };

export function useFigures(): Figures {
  return FIGURES[useLanguage()];
}
