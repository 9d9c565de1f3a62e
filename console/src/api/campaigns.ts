import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import type { components } from "./schema";

export type Campaign = components["schemas"]["CampaignShown"];
export type Funnel = components["schemas"]["FunnelShown"];

/** While a campaign runs its figures are read anew this often. */
const WHILE_RUNNING_MS = 5_000;

export const isRunning = (campaign: Campaign): boolean => campaign.is_running;

export const campaigns = queryOptions({
  queryKey: ["campaigns"],
  queryFn: () => body(api.GET("/api/v1/campaigns")),
  refetchInterval: (query) => (query.state.data?.some(isRunning) ? WHILE_RUNNING_MS : false),
});

export const campaign = (name: string) =>
  queryOptions({
    queryKey: ["campaigns", name],
    queryFn: () => body(api.GET("/api/v1/campaigns/{name}", { params: { path: { name } } })),
    refetchInterval: WHILE_RUNNING_MS,
  });

/** How what a run changes is asked for: anew while it goes on, and once more when one has begun or is over. */
export const whileRunning = (of: Campaign | undefined) => ({
  key: [of?.run ?? null, of?.is_running ?? false],
  options: {
    enabled: of !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: of !== undefined && isRunning(of) && WHILE_RUNNING_MS,
  } as const,
});

export const funnel = (name: string, of: Campaign | undefined) => {
  const { key, options } = whileRunning(of);
  return queryOptions({
    queryKey: ["campaigns", name, "funnel", ...key],
    queryFn: () => body(api.GET("/api/v1/campaigns/{name}/funnel", { params: { path: { name } } })),
    ...options,
  });
};

export type RunState = components["schemas"]["RunState"];
export type Today = components["schemas"]["TodayShown"];

const named = (name: string) => ({ params: { path: { name } } });

/** How often a run is asked after: it may be started and stopped elsewhere. */
const RUN_MS = 3_000;

export const run = (name: string) =>
  queryOptions({
    queryKey: ["campaigns", name, "run"],
    queryFn: () => body(api.GET("/api/v1/campaigns/{name}/run", named(name))),
    refetchInterval: RUN_MS,
  });

export const startRun = (name: string) => body(api.POST("/api/v1/campaigns/{name}/run", named(name)));

export const pause = (name: string) => body(api.POST("/api/v1/campaigns/{name}/pause", named(name)));

/** Lets a paused campaign call again, and has a worker go on with it. */
export const resume = async (name: string) => {
  await body(api.POST("/api/v1/campaigns/{name}/resume", named(name)));
  return startRun(name);
};

/** How a campaign stands and what contradicts in it; asked for anew when its state changes. */
export const check = (of: Campaign) =>
  queryOptions({
    queryKey: ["campaigns", of.name, "check", of.state, of.is_running],
    queryFn: () => body(api.GET("/api/v1/campaigns/{name}/check", named(of.name))),
  });

export const finish = (name: string) => body(api.POST("/api/v1/campaigns/{name}/finish", named(name)));

export const stopRun = (name: string) => api.POST("/api/v1/campaigns/{name}/run/stop", named(name));

export const today = queryOptions({
  queryKey: ["today"],
  queryFn: () => body(api.GET("/api/v1/today")),
  refetchInterval: 2 * WHILE_RUNNING_MS,
});
