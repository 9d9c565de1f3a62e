import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, body } from "./client";
import type { components } from "./schema";

export type Contact = components["schemas"]["ContactShown"];

const ROWS_A_PAGE = 50;

export const lists = queryOptions({ queryKey: ["lists"], queryFn: () => body(api.GET("/api/v1/lists")) });

export const contacts = (name: string, region: string, after: string | undefined) =>
  queryOptions({
    queryKey: ["lists", name, "contacts", region, after],
    queryFn: () => {
      const query = { limit: ROWS_A_PAGE, ...(region && { region }), ...(after !== undefined && { after }) };
      return body(api.GET("/api/v1/lists/{name}/contacts", { params: { path: { name }, query } }));
    },
    placeholderData: keepPreviousData,
  });

/** Files that were taken into a list. */
export const files = (name: string) =>
  queryOptions({
    queryKey: ["lists", name, "files"],
    queryFn: () => body(api.GET("/api/v1/lists/{name}/imports", { params: { path: { name } } })),
  });

export const consents = (list: string, after: string | undefined) =>
  queryOptions({
    queryKey: ["consents", list, after],
    queryFn: () =>
      body(api.GET("/api/v1/consents", { params: { query: { list, limit: 20, ...(after !== undefined && { after }) } } })),
    placeholderData: keepPreviousData,
  });
