import { queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Checked = Schemas["Checked"];
export type Span = Schemas["Span"];

export const chain = queryOptions({ queryKey: ["evidence"], queryFn: () => body(api.GET("/api/v1/evidence")) });

export const exportEvidence = (span: Span): Promise<Blob> =>
  body<unknown>(api.POST("/api/v1/evidence/exports", { body: span, parseAs: "blob" })) as Promise<Blob>;

export const verify = (file: File): Promise<Checked> =>
  body(
    api.POST("/api/v1/evidence/verify", {
      body: "",
      bodySerializer: () => file,
      headers: { "Content-Type": "application/x-ndjson" },
    }),
  );

const at = (id: number) => ({ params: { path: { call_id: id } } });

export const callEvidence = (id: number) =>
  queryOptions({ queryKey: ["evidence", id], queryFn: () => body(api.GET("/api/v1/calls/{call_id}/evidence", at(id))) });

export const callProof = (id: number): Promise<Blob> =>
  body<unknown>(api.GET("/api/v1/calls/{call_id}/evidence/proof", { ...at(id), parseAs: "blob" })) as Promise<Blob>;
