import { queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import { Problem } from "./problem";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Version = Schemas["VersionShown"];
export type Draft = Schemas["DraftShown"];
export type Finding = Schemas["FindingShown"];
export type Checked = Schemas["ScriptChecked"];
export type Rehearsed = Schemas["RehearsalShown"];
export type Taken = Schemas["WayTaken"];
export type TalkLine = Schemas["LineSpoken"];

/** How a text is named that one's own was made from. */
const quoted = (etag: string): string => `"${etag}"`;

export const scripts = queryOptions({ queryKey: ["scripts"], queryFn: () => body(api.GET("/api/v1/scripts")) });

export const draftOf = (name: string): Promise<Draft> => body(api.GET("/api/v1/scripts/{name}", { params: { path: { name } } }));

export const script = (name: string) =>
  queryOptions({
    queryKey: ["scripts", name],
    queryFn: () => draftOf(name),
    // An editor holds its own text; it learns of another's by saving.
    staleTime: Infinity,
    gcTime: 0,
  });

/** A short script without a finding, to begin one's own from. */
export const starter = async (): Promise<string> => (await body(api.GET("/api/v1/scripts/starter"))).text;

export const create = (name: string, text: string): Promise<Draft> =>
  body(api.PUT("/api/v1/scripts/{name}", { params: { path: { name }, header: { "If-None-Match": "*" } }, body: { text } }));

export const save = (name: string, text: string, etag: string): Promise<Draft> =>
  body(api.PUT("/api/v1/scripts/{name}", { params: { path: { name }, header: { "If-Match": quoted(etag) } }, body: { text } }));

/** What somebody else saved meanwhile, out of a refused save. */
export function savedMeanwhile(problem: unknown): Draft | null {
  return problem instanceof Problem && problem.status === 412 ? ((problem.told["current"] as Draft | undefined) ?? null) : null;
}

export const check = (text: string, signal?: AbortSignal): Promise<Checked> =>
  body(api.POST("/api/v1/scripts/check", { body: { text }, ...(signal && { signal }) }));

export const rehearse = (text: string, how: { callees: number; seed: number; cer: number }): Promise<Rehearsed> =>
  body(api.POST("/api/v1/scripts/rehearse", { body: { text, ...how } }));

export const talk = (text: string, values: Record<string, string>, heard: readonly string[]): Promise<Schemas["TalkShown"]> =>
  body(api.POST("/api/v1/scripts/talk", { body: { text, values, heard: [...heard] } }));

export const hear = async (sound: Blob): Promise<string> => {
  const how = { bodySerializer: () => sound, headers: { "Content-Type": "audio/wav" } };
  return (await body(api.POST("/api/v1/scripts/hear", { ...how, body: "" }))).words;
};

export const clipAddress = (clip: string): string => `/api/v1/scripts/clips/${encodeURIComponent(clip)}`;

export const rendering = (name: string) =>
  queryOptions({
    queryKey: ["scripts", name, "render"],
    queryFn: () => body(api.GET("/api/v1/scripts/{name}/render", { params: { path: { name } } })),
    refetchInterval: (query) => (query.state.data?.is_running ? 1_000 : false),
  });

/** What is said: a version to everybody on a list, or the text as it stands. */
export interface Said {
  hash: string;
  list: string;
}

export const render = (name: string, said?: Said): Promise<unknown> =>
  body(api.POST("/api/v1/scripts/{name}/render", { params: { path: { name } }, body: { ...said } }));

/** Clips without which nobody is called. */
export const lacking = (name: string, said: Said) =>
  queryOptions({
    queryKey: ["scripts", name, "lacking", said],
    queryFn: () => body(api.GET("/api/v1/scripts/{name}/lacking", { params: { path: { name }, query: { ...said } } })),
  });

export const submit = (name: string, etag: string, reason: string): Promise<Version> =>
  body(api.POST("/api/v1/scripts/{name}/submit", { params: { path: { name }, header: { "If-Match": quoted(etag) } }, body: reason ? { reason } : {} }));

export const versions = (name: string) =>
  queryOptions({
    queryKey: ["scripts", name, "versions"],
    queryFn: () => body(api.GET("/api/v1/scripts/{name}/versions", { params: { path: { name } } })),
  });

export const version = (name: string, hash: string) =>
  queryOptions({
    queryKey: ["scripts", name, "versions", hash],
    queryFn: () => body(api.GET("/api/v1/scripts/{name}/versions/{version}", { params: { path: { name, version: hash } } })),
  });

export const diff = (name: string, hash: string) =>
  queryOptions({
    queryKey: ["scripts", name, "versions", hash, "diff"],
    queryFn: () => body(api.GET("/api/v1/scripts/{name}/versions/{version}/diff", { params: { path: { name, version: hash } } })),
  });

export const approve = (name: string, hash: string, reason: string): Promise<Version> =>
  body(
    api.POST("/api/v1/scripts/{name}/versions/{version}/approve", {
      params: { path: { name, version: hash } },
      body: reason ? { reason } : {},
    }),
  );

export const reject = (name: string, hash: string, reason: string): Promise<Version> =>
  body(api.POST("/api/v1/scripts/{name}/versions/{version}/reject", { params: { path: { name, version: hash } }, body: { reason } }));

export const comment = (name: string, hash: string, words: string, step: string | null): Promise<Schemas["CommentShown"]> =>
  body(api.POST("/api/v1/scripts/{name}/versions/{version}/comments", { params: { path: { name, version: hash } }, body: { words, ...(step && { at: step }) } }));

export const documentAddress = (name: string, hash: string, format: "docx" | "html"): string =>
  `/api/v1/scripts/${encodeURIComponent(name)}/versions/${hash}/document?format=${format}`;
