import { api, body } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type PersonFound = Schemas["PersonFound"];
export type ContactFound = Schemas["ContactFound"];

/** A number stands in the body of a request, never in an address. */
export const find = (number: string) => body(api.POST("/api/v1/people/find", { body: { number } }));

/** Everything known of a person, as a file to hand to them. */
export const exported = (number: string, reason: string) =>
  body(api.POST("/api/v1/people/export", { body: { number, reason, level: "sensitive" } }));

export const erase = (number: string, reason: string) =>
  body(api.POST("/api/v1/people/erase", { body: { number, reason, missing_are_gone: false } }));
