import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import type { components } from "./schema";

export type Import = components["schemas"]["ImportShown"];
export type Preview = components["schemas"]["Preview"];
export type Orders = components["schemas"]["OrdersAsked"];

/** While somebody works at an import it is read anew this often. */
const WHILE_WORKING_MS = 700;

export const isWorking = (one: Import): boolean => !one.was_lost && (one.state === "checking" || one.state === "importing");

export const isOver = (one: Import): boolean => one.ended_at !== null;

const at = (id: number) => ({ params: { path: { import_id: id } } });

export const uploads = queryOptions({
  queryKey: ["imports"],
  queryFn: () => body(api.GET("/api/v1/lists/imports", { params: { query: { limit: 20 } } })),
});

export const upload = (id: number) =>
  queryOptions({
    queryKey: ["imports", id],
    queryFn: () => body(api.GET("/api/v1/lists/imports/{import_id}", at(id))),
    refetchInterval: (query) => (query.state.data && isWorking(query.state.data) ? WHILE_WORKING_MS : false),
  });

export const preview = (id: number, isWanted: boolean) =>
  queryOptions({
    queryKey: ["previews", id],
    queryFn: () => body(api.GET("/api/v1/lists/imports/{import_id}/preview", at(id))),
    enabled: isWanted,
    staleTime: Infinity,
    retry: false,
  });

/** `found` tells one check from another: their rows are not the same. */
export const badRows = (id: number, found: string, after: string | undefined) =>
  queryOptions({
    queryKey: ["bad", id, found, after],
    queryFn: () => {
      const query = { limit: 20, ...(after !== undefined && { after }) };
      return body(api.GET("/api/v1/lists/imports/{import_id}/bad", { params: { path: { import_id: id }, query } }));
    },
    placeholderData: keepPreviousData,
  });

export const badFile = (id: number, language: string): string => `/api/v1/lists/imports/${id}/bad.csv?language=${language}`;

/** A file's bytes as the body of a request, as they are. */
const bytes = (file: File) => ({
  body: file as unknown as string,
  bodySerializer: (sent: unknown) => sent as BodyInit,
  headers: { "Content-Type": "application/octet-stream" },
});

export const send = (file: File): Promise<Import> =>
  body(api.POST("/api/v1/lists/imports", { params: { query: { file_name: file.name } }, ...bytes(file) }));

export const showEvidence = (id: number, path: string, file: File): Promise<unknown> =>
  body(
    api.POST("/api/v1/lists/imports/{import_id}/evidence", {
      params: { path: { import_id: id }, query: { file_name: path } },
      ...bytes(file),
    }),
  );

export const check = ({ id, orders }: { id: number; orders: Orders }): Promise<Import> =>
  body(api.POST("/api/v1/lists/imports/{import_id}/check", { ...at(id), body: orders }));

export const start = ({ id, orders }: { id: number; orders: Orders }): Promise<Import> =>
  body(api.POST("/api/v1/lists/imports/{import_id}/start", { ...at(id), body: orders }));

export const giveUp = (id: number): Promise<unknown> => body(api.POST("/api/v1/lists/imports/{import_id}/cancel", at(id)));
