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
