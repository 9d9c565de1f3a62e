/** What somebody wrote and has not saved yet outlives the page: a reload, a crash, another person's sign-in in between. */
import type { Who } from "../../api/signed_in";

/** The text, and what it was made from: with these it can be merged with whatever is saved meanwhile. */
export interface Kept {
  text: string;
  base: string;
  etag: string;
}

const keyOf = (who: Who, name: string): string => `fairdial.script.${who.tenant}.${who.name}.${name}`;

export function keep(who: Who, name: string, kept: Kept): void {
  try {
    sessionStorage.setItem(keyOf(who, name), JSON.stringify(kept));
  } catch {
    // A full store keeps no draft; the page still has the text.
  }
}

export const forget = (who: Who, name: string): void => sessionStorage.removeItem(keyOf(who, name));

export function kept(who: Who, name: string): Kept | null {
  const found = sessionStorage.getItem(keyOf(who, name));
  return found === null ? null : (JSON.parse(found) as Kept);
}
