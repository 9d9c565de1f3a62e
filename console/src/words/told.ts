import { useLanguage, type Language } from ".";

const HAN = /\p{Script=Han}/u;
/** English prose, as no name, number or code is; a command in back-ticks may stand in Chinese. */
const PROSE = /(?:^|[\s(])[a-z'’]{2,}[,;:]?\s+[a-z'’]{2,}/u;
/** What the Chinese sentence begins with although it is no Chinese: a name, after the English one has ended. */
const SUBJECT = /[.;]\s+(\S+)\s*$/u;

/** Where a file is wrong, which both languages name alike. */
const PLACE = /^\S+:\s/u;
/** "中文 English", as files are spoken of. */
const OTHER_WAY = /^(\S+:\s+)?(\p{Script=Han}.*?)\s+((?:[A-Za-z]\P{Script=Han}*)?[a-z]\P{Script=Han}*)$/u;

/** The half of a sentence "English 中文" that is in the language; the whole of it when it has no such halves. */
export function half(told: string, language: Language): string {
  return told
    .split("\n")
    .map((line) => halves(line)[language])
    .join("\n");
}

function halves(line: string): Record<Language, string> {
  const clauses = line.split("; ").map(clause);
  if (clauses.length > 1 && clauses.every((one) => one !== null)) {
    return { en: clauses.map(({ en }) => en).join("; "), zh: clauses.map(({ zh }) => zh).join("; ") };
  }
  return clause(line) ?? { en: line, zh: line };
}

function clause(line: string): Record<Language, string> | null {
  for (const { index } of line.matchAll(/\s+/gu)) {
    const [en, zh] = [line.slice(0, index).trim(), line.slice(index).trim()];
    if (!HAN.test(zh.split(/\s/u)[0] ?? "") || PROSE.test(zh.replace(/`[^`]*`/gu, "")) || !/[A-Za-z]{2}\s/u.test(`${en.replace(PLACE, "")} `)) continue;
    if (OTHER_WAY.test(en)) return null;
    const subject = SUBJECT.exec(en)?.[1];
    return subject === undefined ? { en, zh } : { en: en.slice(0, en.length - subject.length).trim(), zh: `${subject} ${zh}` };
  }
  const [, place = "", zh, en] = OTHER_WAY.exec(line) ?? [];
  return zh === undefined || en === undefined ? null : { en: place + en, zh: place + zh };
}

/** What the server says, which says everything in both languages, in the one that was chosen. */
export function useTold(): (told: string) => string {
  const language = useLanguage();
  return (told) => half(told, language);
}
