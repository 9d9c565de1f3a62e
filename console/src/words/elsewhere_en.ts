import type { Words } from "./zh";

/** Signing in at the company's provider. */
export const elsewhere: Words["elsewhere"] = {
  or: "or",
  go: (name: string) => `Continue with ${name}`,
  entering: "Signing in…",
  failed: "You are not signed in",
  again: "Back to signing in",
  linked: "May sign in, single sign-on",
};
