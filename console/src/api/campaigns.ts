import { queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import type { components } from "./schema";

export type Campaign = components["schemas"]["CampaignShown"];
export type Funnel = components["schemas"]["FunnelShown"];

/** While a campaign runs its figures are read anew this often. */
const WHILE_RUNNING_MS = 5_000;

export const isRunning = (campaign: Campaign): boolean => campaign.started_at !== null && campaign.ended_at === null;

export const campaigns = queryOptions({
  queryKey: ["campaigns"],
  queryFn: () => body(api.GET("/api/v1/campaigns")),
  refetchInterval: (query) => (query.state.data?.some(isRunning) ? WHILE_RUNNING_MS : false),
});

export const campaign = (name: string) =>
  queryOptions({
    queryKey: ["campaigns", name],
    queryFn: () => body(api.GET("/api/v1/campaigns/{name}", { params: { path: { name } } })),
    refetchInterval: (query) => (query.state.data && isRunning(query.state.data) ? WHILE_RUNNING_MS : false),
  });

export const funnel = (name: string, running: boolean) =>
  queryOptions({
    queryKey: ["campaigns", name, "funnel"],
    queryFn: () => body(api.GET("/api/v1/campaigns/{name}/funnel", { params: { path: { name } } })),
    refetchInterval: running && WHILE_RUNNING_MS,
  });
