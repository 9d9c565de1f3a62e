import { queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import { Problem } from "./problem";

export interface Review { state: string; by: string; at: string; reason: string | null }
export interface Comment { id: number; at: string | null; words: string; by: string; written_at: string }
export interface Version {
  hash: string;
  name: string;
  stored_at: string;
  state: string;
  approved_until: string | null;
  submitted_by: string | null;
  reviews: Review[];
  comments: Comment[];
}
export interface ScriptRow {
  name: string;
  title: string | null;
  edited_at: string | null;
  edited_by: string | null;
  has_draft: boolean;
  newest: Version | null;
  approved: Version | null;
}
export interface Draft { name: string; text: string; etag: string; edited_at: string | null; edited_by: string | null }
export interface Finding { level: string; line: number | null; column: number | null; code: string | null; where: string | null; words: string; zh: string; en: string }
export interface Wording { clip: string; text: string; has_clip: boolean }
export interface Checked { findings: Finding[]; wordings: Wording[]; hash: string | null }
export interface OneVersion { version: Version; text: string; wordings: Wording[] }
export interface Diff { against: string | null; changes: { at: string; before: string | null; after: string | null }[] }
export interface Taken { from: string; to: string | null; on: string; count: number }
export interface Rehearsed { calls: number; grades: Record<string, number>; outcomes: Record<string, number>; ways_taken: Taken[]; steps_reached: Record<string, number>; [key: string]: unknown }
export interface TalkLine { who: "us" | "them"; words: string; meaning: string | null; confidence: number | null; step: string | null }
export interface Talked { lines: TalkLine[]; step: string | null; is_over: boolean; outcome: string | null; grade: string | null }
export interface Rendering { is_running: boolean; done: number; total: number; last_words: string | null }
export interface Example { name: string; title: string; text: string }

type Raw = (path: string, init?: object) => Promise<{ data?: unknown }>;
const raw = api as unknown as { GET: Raw; POST: Raw; PUT: Raw };
const ask = async <T>(answer: Promise<{ data?: unknown }>): Promise<T> => body(answer as Promise<{ data?: T }>);

const at = (name: string, version?: string) => ({ params: { path: { name, ...(version !== undefined && { version }) } } });

export const scripts = queryOptions({ queryKey: ["scripts"], queryFn: () => ask<ScriptRow[]>(raw.GET("/api/v1/scripts")) });

export const script = (name: string) =>
  queryOptions({
    queryKey: ["scripts", name],
    queryFn: () => ask<Draft>(raw.GET("/api/v1/scripts/{name}", at(name))),
    // An editor holds its own text; it learns of another's by saving.
    staleTime: Infinity,
    gcTime: 0,
  });

/** Texts a new script may begin with; the starter's name is empty. */
export const beginnings = queryOptions({
  queryKey: ["scripts", "*beginnings"],
  queryFn: async (): Promise<Example[]> => {
    const [starter, examples] = await Promise.all([
      ask<{ text: string }>(raw.GET("/api/v1/scripts/starter")),
      ask<Example[]>(raw.GET("/api/v1/scripts/examples")).catch(() => []),
    ]);
    return [{ name: "", title: "", text: starter.text }, ...examples];
  },
  staleTime: Infinity,
});

export const create = (name: string, text: string): Promise<Draft> =>
  ask(raw.PUT("/api/v1/scripts/{name}", { ...at(name), headers: { "If-None-Match": "*" }, body: { text } }));

export const save = (name: string, text: string, etag: string): Promise<Draft> =>
  ask(raw.PUT("/api/v1/scripts/{name}", { ...at(name), headers: { "If-Match": `"${etag}"` }, body: { text } }));

/** What somebody else saved meanwhile, out of a refused save. */
export function savedMeanwhile(problem: unknown): Draft | null {
  return problem instanceof Problem && problem.status === 412 ? ((problem.told["current"] as Draft | undefined) ?? null) : null;
}

export const check = (text: string, signal?: AbortSignal): Promise<Checked> =>
  ask(raw.POST("/api/v1/scripts/check", { body: { text }, ...(signal && { signal }) }));

export const rehearse = (text: string, how: { callees: number; seed: number; cer: number }): Promise<Rehearsed> =>
  ask(raw.POST("/api/v1/scripts/rehearse", { body: { text, ...how } }));

export const talk = (text: string, values: Record<string, string>, heard: readonly string[]): Promise<Talked> =>
  ask(raw.POST("/api/v1/scripts/talk", { body: { text, values, heard } }));

export const hear = async (sound: Blob): Promise<string> => {
  const how = { body: sound, bodySerializer: (same: unknown) => same, headers: { "Content-Type": "audio/wav" } };
  return (await ask<{ words: string }>(raw.POST("/api/v1/scripts/hear", how))).words;
};

export const clipAddress = (clip: string): string => `/api/v1/scripts/clips/${encodeURIComponent(clip)}`;

export const rendering = (name: string) =>
  queryOptions({
    queryKey: ["scripts", name, "render"],
    queryFn: () => ask<Rendering>(raw.GET("/api/v1/scripts/{name}/render", at(name))),
    refetchInterval: (query) => (query.state.data?.is_running ? 1_000 : false),
  });

export const render = (name: string): Promise<unknown> => ask(raw.POST("/api/v1/scripts/{name}/render", at(name)));

export const submit = (name: string, etag: string, reason: string): Promise<Version> =>
  ask(raw.POST("/api/v1/scripts/{name}/submit", { ...at(name), headers: { "If-Match": `"${etag}"` }, body: reason ? { reason } : {} }));

export const versions = (name: string) =>
  queryOptions({
    queryKey: ["scripts", name, "versions"],
    queryFn: () => ask<Version[]>(raw.GET("/api/v1/scripts/{name}/versions", at(name))),
  });

export const version = (name: string, hash: string) =>
  queryOptions({
    queryKey: ["scripts", name, "versions", hash],
    queryFn: () => ask<OneVersion>(raw.GET("/api/v1/scripts/{name}/versions/{version}", at(name, hash))),
  });

export const diff = (name: string, hash: string) =>
  queryOptions({
    queryKey: ["scripts", name, "versions", hash, "diff"],
    queryFn: () => ask<Diff>(raw.GET("/api/v1/scripts/{name}/versions/{version}/diff", at(name, hash))),
  });

export const review = (name: string, hash: string, does: "approve" | "reject", reason: string): Promise<Version> =>
  ask(raw.POST(`/api/v1/scripts/{name}/versions/{version}/${does}`, { ...at(name, hash), body: reason ? { reason } : {} }));

export const comment = (name: string, hash: string, words: string, step: string | null): Promise<Comment> =>
  ask(raw.POST("/api/v1/scripts/{name}/versions/{version}/comments", { ...at(name, hash), body: { words, ...(step && { at: step }) } }));

export const documentAddress = (name: string, hash: string, format: "docx" | "html"): string =>
  `/api/v1/scripts/${encodeURIComponent(name)}/versions/${hash}/document?format=${format}`;
