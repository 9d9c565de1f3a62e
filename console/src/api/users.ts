import { queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import type { components } from "./schema";

export type User = components["schemas"]["UserShown"];
export type Role = components["schemas"]["Role"];
export type Key = components["schemas"]["KeyShown"];
export type NewKey = components["schemas"]["NewKey"];
export type UserChange = components["schemas"]["UserChange"];

export const users = queryOptions({ queryKey: ["users"], queryFn: () => body(api.GET("/api/v1/users")) });
export const keys = queryOptions({ queryKey: ["keys"], queryFn: () => body(api.GET("/api/v1/keys")) });

const named = (name: string) => ({ params: { path: { name } } });

export const addUser = (name: string, roles: Role[]) => body(api.POST("/api/v1/users", { body: { name, roles } }));
export const makeLink = (name: string) => body(api.POST("/api/v1/users/{name}/link", named(name)));
/** Only as long as they stand as they were seen: another administrator may have changed them. */
export const changeUser = (seen: User, change: UserChange) =>
  api.PATCH("/api/v1/users/{name}", {
    params: { path: { name: seen.name }, header: { "If-Match": `"${seen.etag}"` } },
    body: change,
  });

export const setLevel = (name: string, level: User["reads"]) =>
  api.PUT("/api/v1/users/{name}/level", { ...named(name), body: { level } });

export const makeKey = (key: NewKey) => body(api.POST("/api/v1/keys", { body: key }));
export const revokeKey = (id: number) => api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: id } } });
