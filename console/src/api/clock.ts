import { cache, WHO, type Who } from "./signed_in";

const BEIJING = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" });

/** Now by the ledger's clock: that of a rehearsal is not the browser's. */
export function now(): Date {
  const asked = cache.getQueryState<Who | null>(WHO);
  return new Date(Date.now() + (asked?.data ? Date.parse(asked.data.now) - asked.dataUpdatedAt : 0));
}

/** The day of Beijing so many days ago, as a field holds it. */
export const daysAgo = (days: number): string => BEIJING.format(now().getTime() - days * 86_400_000);
