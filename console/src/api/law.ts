import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type RuleInFull = Schemas["RuleInFull"];
export type PackInFull = Schemas["PackInFull"];
export type PackShown = Schemas["PackShown"];
/** A case, as docs/case.schema.json tells its fields. */
export type Case = Readonly<Record<string, unknown>>;

export const packs = queryOptions({ queryKey: ["packs"], queryFn: () => body(api.GET("/api/v1/packs")) });

const at = (name: string) => ({ params: { path: { name } } });

export const pack = (name: string) =>
  queryOptions({ queryKey: ["packs", name], queryFn: () => body(api.GET("/api/v1/packs/{name}", at(name))) });

export const exampleCase = (name: string) =>
  queryOptions({
    queryKey: ["packs", name, "case"],
    queryFn: async (): Promise<Case> => (await body(api.GET("/api/v1/packs/{name}/case", at(name)))).case,
    staleTime: Infinity,
  });

export const contactCase = (campaign: string, contact: number) =>
  queryOptions({
    queryKey: ["cases", campaign, contact],
    queryFn: async (): Promise<Case> => {
      const path = { name: campaign, contact_id: contact };
      return (await body(api.GET("/api/v1/campaigns/{name}/contacts/{contact_id}/case", { params: { path } }))).case;
    },
    staleTime: Infinity,
  });

/** The gate's answer; the one before stays until the next has come. */
export const simulated = (facts: Case | undefined) =>
  queryOptions({
    queryKey: ["simulated", facts],
    queryFn: () => body(api.POST("/api/v1/gate/simulate", { body: { ...facts } })),
    enabled: facts !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 60_000,
  });

/** Facts of a worked example over a base: objects are merged, everything else is taken as it is. */
export function overlaid(base: Case, change: Case): Case {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const under = merged[key];
    merged[key] = isObject(under) && isObject(value) ? overlaid(under, value) : value;
  }
  return merged;
}

export function isObject(value: unknown): value is Case {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
