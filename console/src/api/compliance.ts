import { queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Complaint = Schemas["ComplaintShown"];
export type NewComplaint = Omit<Schemas["NewComplaint"], "words"> & { words?: string };
export type NewRefusal = Pick<Schemas["NewRefusal"], "number" | "source" | "evidence">;
export type Suspension = Schemas["Suspension"];
export type SuspensionShown = Schemas["SuspensionShown"];

const from = (after: string | undefined) => ({ params: { query: after === undefined ? {} : { after } } });

export const complaints = (after?: string) =>
  queryOptions({ queryKey: ["complaints", after], queryFn: () => body(api.GET("/api/v1/complaints", from(after))) });

export const refusals = (after?: string) =>
  queryOptions({ queryKey: ["refusals", after], queryFn: () => body(api.GET("/api/v1/refusals", from(after))) });

export const suspensions = queryOptions({
  queryKey: ["suspensions"],
  queryFn: () => body(api.GET("/api/v1/suspensions")),
});

export const takeComplaint = (asked: NewComplaint) =>
  body(api.POST("/api/v1/complaints", { body: { ...asked, words: asked.words ?? "" } }));

export const closeComplaint = (complaint: number) =>
  api.POST("/api/v1/complaints/{complaint}/close", { params: { path: { complaint } } });

export const takeRefusal = (asked: NewRefusal) =>
  body(api.POST("/api/v1/refusals", { body: { ...asked, scope: "tenant" } }));

export const lift = (asked: Suspension) => api.POST("/api/v1/suspensions/lift", { body: asked });
export const suspend = (asked: Suspension) => api.POST("/api/v1/suspensions", { body: asked });

/** What is suspended, as short as it is clear: a script by the beginning of its hash, the enterprise by nothing more. */
export function nameOf({ resource, name }: { resource: string; name: string }): string {
  if (resource === "tenant") return "";
  return resource === "script" ? name.slice(0, 12) : name;
}
