import { queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type LineShown = Schemas["LineShown"];
export type CallerShown = Schemas["CallerShown"];
export type Line = Schemas["Line"];
export type CallerNumber = Schemas["CallerNumber"];
export type Brake = Schemas["BrakeShown"];
export type Use = Schemas["UseShown"];

/** Living calls change while one looks. */
const EVERY_MS = 10_000;

export const lines = queryOptions({
  queryKey: ["lines"],
  queryFn: () => body(api.GET("/api/v1/lines")),
  refetchInterval: EVERY_MS,
});

export const callers = queryOptions({
  queryKey: ["callers"],
  queryFn: () => body(api.GET("/api/v1/callers")),
  refetchInterval: EVERY_MS,
});

export const uses = queryOptions({ queryKey: ["uses"], queryFn: () => body(api.GET("/api/v1/lines/use")) });
export const brakes = queryOptions({ queryKey: ["brakes"], queryFn: () => body(api.GET("/api/v1/brakes")) });

/** What is changed must stand as it was seen; what is added must not be there yet. */
const asSeen = (seen: { etag: string } | undefined) => ({
  params: { header: seen === undefined ? { "If-None-Match": "*" } : { "If-Match": `"${seen.etag}"` } },
});

export const setLine = (line: Line, seen?: LineShown) => api.PUT("/api/v1/lines", { ...asSeen(seen), body: line });
export const setCaller = (caller: CallerNumber, seen?: CallerShown) =>
  api.PUT("/api/v1/callers", { ...asSeen(seen), body: caller });
