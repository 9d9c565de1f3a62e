import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import type { components, operations } from "./schema";

export type Call = components["schemas"]["CallShown"];
export type CallDetail = components["schemas"]["CallDetail"];
export type Turn = components["schemas"]["TurnShown"];
export type Opinion = components["schemas"]["OpinionShown"];
type Query = NonNullable<operations["list_calls_api_v1_calls_get"]["parameters"]["query"]>;
/** By what calls are chosen; it stands in the address, as reports put it there. */
export type CallFilter = Omit<Query, "after" | "limit">;
export const FILTERS = ["campaign", "disposition", "grade", "script", "line", "region", "outcome", "hour", "stage", "since", "until"] as const satisfies readonly (keyof CallFilter)[];

export const calls = (filter: CallFilter, after: string | undefined) =>
  queryOptions({
    queryKey: ["calls", filter, after],
    queryFn: () =>
      body(api.GET("/api/v1/calls", { params: { query: { ...filter, ...(after !== undefined && { after }) } } })),
    placeholderData: keepPreviousData,
  });

/** Every reading of words or sound is an event of the ledger: they are read once, when somebody asks for them. */
const READ_ONCE = { staleTime: Infinity, refetchOnWindowFocus: false, refetchOnReconnect: false, retry: false } as const;

const at = (id: number) => ({ params: { path: { call_id: id } } });

export const call = (id: number) =>
  queryOptions({
    queryKey: ["calls", id],
    queryFn: () => body(api.GET("/api/v1/calls/{call_id}", at(id))),
    ...READ_ONCE,
  });

/** What passed on the wire; it holds no numbers, so that reading it is no event. */
export const wire = (id: number) =>
  queryOptions({ queryKey: ["calls", id, "wire"], queryFn: () => body(api.GET("/api/v1/calls/{call_id}/wire", at(id))), ...READ_ONCE });

/** The recording and the times of its words. */
export const sound = (id: number, isWanted: boolean) =>
  queryOptions({
    queryKey: ["calls", id, "sound"],
    queryFn: async () => {
      const wav = await body(api.GET("/api/v1/calls/{call_id}/recording", { ...at(id), parseAs: "arrayBuffer" }));
      const vtt = await body(api.GET("/api/v1/calls/{call_id}/transcript.vtt", { ...at(id), parseAs: "text" }));
      return { wav: wav, vtt: vtt };
    },
    enabled: isWanted,
    gcTime: 0,
    ...READ_ONCE,
  });

export type Meaning = components["schemas"]["TurnMeant"]["meaning"];
export interface TurnMeant {
  meaning: Meaning;
  heard?: string | null;
}
export type GradeDue = components["schemas"]["GradeDue"];

export const correctTurn = (id: number, position: number, meant: TurnMeant) =>
  api.PUT("/api/v1/calls/{call_id}/turns/{position}/correction", {
    params: { path: { call_id: id, position } },
    body: { meaning: meant.meaning, heard: meant.heard?.trim() || null },
  });

export const correctGrade = (id: number, due: GradeDue) =>
  api.PUT("/api/v1/calls/{call_id}/grade/correction", { ...at(id), body: due });
