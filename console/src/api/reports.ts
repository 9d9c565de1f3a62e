import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Grouping = Schemas["Grouping"];
export type Stage = Schemas["Stage"];
export type Measure = Schemas["Measure"];
export type Report = Schemas["ReportShown"];
export type Row = Schemas["RowShown"];
export type Figures = Schemas["FiguresShown"];
export type Figure = Schemas["FigureShown"];
export type Rate = Schemas["RateShown"];
export type Comparison = Schemas["ComparisonShown"];
export type Compared = Schemas["ComparedShown"];
export type Tried = Schemas["VersionTried"];
export type FileKind = Schemas["FileKind"];

/** Days of Beijing, both included, and one campaign if not all. */
export interface Span {
  first: string;
  last: string;
  campaign?: string;
}

export const report = (by: Grouping, span: Span) =>
  queryOptions({
    queryKey: ["reports", by, span],
    queryFn: () => body(api.GET("/api/v1/reports/calls", { params: { query: { by, ...span } } })),
    placeholderData: keepPreviousData,
  });

export const comparison = (a: string, b: string, { first, last }: Span) =>
  queryOptions({
    queryKey: ["reports", "ab", a, b, first, last],
    queryFn: () => body(api.GET("/api/v1/reports/ab", { params: { query: { a, b, first, last } } })),
  });

/** A file and the name the server gives it, which holds its mark. */
export interface Handed {
  file: Blob;
  name: string;
}

const handed = async (answer: Promise<{ data?: unknown; response: Response }>): Promise<Handed> => {
  const { data, response } = await answer;
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  return { file: data as Blob, name: name ?? "report" };
};

export const exportReport = ({ by, file, ...span }: Span & { by: Grouping; file: FileKind }): Promise<Handed> =>
  handed(api.POST("/api/v1/reports/calls/export", { body: { by, file, ...span }, parseAs: "blob" }));

export const dayReport = (day: string): Promise<Handed> =>
  handed(api.POST("/api/v1/reports/day", { body: { day }, parseAs: "blob" }));
