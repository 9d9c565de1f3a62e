import { queryOptions } from "@tanstack/react-query";

import { whileRunning, type Campaign } from "./campaigns";
import { api, body } from "./client";
import type { components, operations } from "./schema";

type Schemas = components["schemas"];
export type Plan = Omit<Schemas["NewCampaign"], "name" | "more_lines" | "more_caller_numbers">;
export type PreviewPage = Schemas["PreviewShown"];
export type Approved = Schemas["VersionShown"];
export type Verdict = Schemas["ContactVerdict"];
type Query = NonNullable<operations["list_verdicts_api_v1_campaigns__name__contacts_get"]["parameters"]["query"]>;
export type WhyFilter = Pick<Query, "outcome" | "rule">;

/** Versions that may be dialled now. */
export const approved = queryOptions({
  queryKey: ["scripts", "*approved"],
  queryFn: async () =>
    (await body(api.GET("/api/v1/scripts"))).map((one) => one.approved).filter((one): one is Approved => one !== null),
});

export const lines = queryOptions({ queryKey: ["lines"], queryFn: () => body(api.GET("/api/v1/lines")) });

export const callers = queryOptions({ queryKey: ["callers"], queryFn: () => body(api.GET("/api/v1/callers")) });

export const create = (asked: Schemas["NewCampaign"]) => body(api.POST("/api/v1/campaigns", { body: asked }));

/** One page of what the gate says of a plan, or of a campaign that exists. */
export const previewPage = (asked: Plan | string, after: string | null): Promise<PreviewPage> =>
  typeof asked === "string"
    ? body(
        api.GET("/api/v1/campaigns/{name}/preview", {
          params: { path: { name: asked }, query: { ...(after !== null && { after }) } },
        }),
      )
    : body(api.POST("/api/v1/campaigns/preview", { body: { ...asked, after, limit: 500 } }));

export const rehearse = async ({ name, hash }: Approved) => {
  const path = { name, version: hash };
  const { text } = await body(api.GET("/api/v1/scripts/{name}/versions/{version}", { params: { path } }));
  return body(api.POST("/api/v1/scripts/rehearse", { body: { text, callees: 200, seed: 1, cer: 0 } }));
};

export const verdicts = (name: string, of: Campaign | undefined, filter: WhyFilter, after: string | undefined) => {
  const { key, options } = whileRunning(of);
  return queryOptions({
    queryKey: ["campaigns", name, "contacts", filter, after, ...key],
    queryFn: () => {
      const query = { ...filter, limit: 50, ...(after !== undefined && { after }) };
      return body(api.GET("/api/v1/campaigns/{name}/contacts", { params: { path: { name }, query } }));
    },
    ...options,
  });
};
