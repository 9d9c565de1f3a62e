import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Reading = Schemas["ReadingShown"];
export type Unknown = Schemas["AttemptShown"];
export type Settlement = Schemas["Settlement"];
export interface ReadingFilter {
  by?: string;
  kind?: string;
}

export const readings = (filter: ReadingFilter, after: string | undefined) =>
  queryOptions({
    queryKey: ["reads", filter, after],
    queryFn: () =>
      body(api.GET("/api/v1/reads", { params: { query: { ...filter, ...(after !== undefined && { after }) } } })),
    placeholderData: keepPreviousData,
  });

export const retentionPlan = queryOptions({
  queryKey: ["retention", "plan"],
  queryFn: () => body(api.GET("/api/v1/retention/plan")),
});

export const retentionRuns = queryOptions({
  queryKey: ["retention", "runs"],
  queryFn: () => body(api.GET("/api/v1/retention/runs")),
});

export const removeOver = () => body(api.POST("/api/v1/retention/runs", { body: { missing_are_gone: false } }));

export const unknownAttempts = queryOptions({
  queryKey: ["unknown"],
  queryFn: () => body(api.GET("/api/v1/attempts/unknown")),
});

export const settle = ({ id, ...asked }: Settlement & { id: number }) =>
  api.POST("/api/v1/attempts/{call_id}/settle", { params: { path: { call_id: id } }, body: asked });
