import { useWords } from ".";

/** A word of the ledger at the end of a sentence or in brackets there: `已经联系过:machine`, `ended as call_back`, `已拒绝(call)`. */
const CODE = /([:(]\s?|结果是 |ended as )([a-z][a-z_]*)(?=\)?$)/u;

/** A sentence of the server with the ledger's words in it called by their names. */
export function useNamesIn(): (sentence: string) => string {
  const { live, names } = useWords();
  const known: Readonly<Record<string, string>> = { ...names.sources, ...names.endings, ...live.outcomes };
  return (sentence) => sentence.replace(CODE, (_, before: string, code: string) => before + (known[code] ?? code));
}

/** The platform's own choice has no law to cite: rules name the page that gives its reasons, or say so in Chinese. */
const OWN = /^(docs\/|本平台的选择)/u;

/** What a rule rests on. */
export function useSource(): (cite: string) => string {
  const { verdict } = useWords();
  return (cite) => (OWN.test(cite) ? verdict.ownChoice : cite);
}
