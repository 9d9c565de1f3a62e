import { isObject, type Case } from "../../api/law";

/** A fact by its path: `person.zone`. */
export function factAt(facts: Case, path: string): unknown {
  return path.split(".").reduce<unknown>((under, part) => (isObject(under) ? under[part] : undefined), facts);
}

/** The same facts with one changed. */
export function withFact(facts: Case, path: string, value: unknown): Case {
  const [head = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...facts, [head]: value };
  const under = facts[head];
  return { ...facts, [head]: withFact(isObject(under) ? under : {}, rest.join("."), value) };
}

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

const momentOf = (facts: Case): number => Date.parse(String(facts["now"]));
const listAt = (facts: Case, path: string): readonly unknown[] => {
  const found = factAt(facts, path);
  return Array.isArray(found) ? found : [];
};

const before = (facts: Case, ms: number): string => new Date(momentOf(facts) - ms).toISOString();

export const hasRefused = (facts: Case): boolean => listAt(facts, "person.refusals").length > 0;

/** Whether they refused everything of this enterprise in a call, the week before. */
export function withRefusal(facts: Case, isRefused: boolean): Case {
  const refusal = { scope: "tenant", source: "call", at: before(facts, WEEK_MS) };
  return withFact(facts, "person.refusals", isRefused ? [refusal] : []);
}

const isOfWeek = (facts: Case, one: unknown): boolean => {
  const ago = isObject(one) ? momentOf(facts) - Date.parse(String(one["at"])) : NaN;
  return ago >= 0 && ago < WEEK_MS;
};

export const calledInWeek = (facts: Case): number =>
  listAt(facts, "person.contacted").filter((one) => isOfWeek(facts, one)).length;

/** So many calls of this enterprise, an hour apart, the last one a day ago; what lies before the week stays. */
export function withCalls(facts: Case, count: number): Case {
  const earlier = listAt(facts, "person.contacted").filter((one) => !isOfWeek(facts, one));
  const calls = Array.from({ length: count }, (_, index) => ({ at: before(facts, DAY_MS + index * (DAY_MS / 24)) }));
  return withFact(facts, "person.contacted", [...earlier, ...calls]);
}

export const hasConsent = (facts: Case): boolean => listAt(facts, "permission.consents").length > 0;

/** A consent in writing to every purpose, given a month ago, with its evidence. */
export function withConsent(facts: Case, isHeld: boolean): Case {
  const consent = {
    purposes: ["marketing", "service", "survey"],
    channels: ["call"],
    obtained_at: before(facts, 30 * DAY_MS),
    evidence_sha256: "ab".repeat(32),
    form: "written",
    artificial_voice: true,
  };
  return withFact(facts, "permission.consents", isHeld ? [consent] : []);
}
