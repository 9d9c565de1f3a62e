import { lazy, type ComponentType } from "react";

import type { Permission, Who } from "../api/signed_in";
import type { Words } from "../words/zh";

/** A page of the menu; who has none of its permissions does not see it. */
export interface Page {
  path: string;
  /** What opens it besides its own address. */
  inner?: string;
  word: Exclude<keyof Words["menu"], "label">;
  needs: readonly Permission[];
  shows: ComponentType<{ who: Who }>;
}

export const PAGES: readonly Page[] = [
  { path: "/", word: "today", needs: ["campaigns:read"], shows: lazy(() => import("../pages/Today")) },
  {
    path: "/campaigns",
    inner: "/campaigns/*",
    word: "campaigns",
    needs: ["campaigns:read"],
    shows: lazy(() => import("../pages/campaigns/Campaigns")),
  },
  {
    path: "/scripts",
    inner: "/scripts/:name",
    word: "scripts",
    needs: ["scripts:read"],
    shows: lazy(() => import("../pages/scripts/Scripts")),
  },
  {
    path: "/lists",
    inner: "/lists/*",
    word: "lists",
    needs: ["lists:read"],
    shows: lazy(() => import("../pages/lists/Lists")),
  },
  {
    path: "/calls",
    inner: "/calls/:id",
    word: "calls",
    needs: ["calls:read"],
    shows: lazy(() => import("../pages/calls/Calls")),
  },
  { path: "/lines", word: "lines", needs: ["lines:read"], shows: lazy(() => import("../pages/lines/Lines")) },
  {
    path: "/compliance",
    inner: "/compliance/:part",
    word: "compliance",
    needs: ["compliance:read", "lines:read", "refusals:write", "complaints:write"],
    shows: lazy(() => import("../pages/compliance/Compliance")),
  },
  {
    path: "/reports",
    inner: "/reports/:part",
    word: "reports",
    needs: ["reports:read"],
    shows: lazy(() => import("../pages/reports/Reports")),
  },
  { path: "/people", word: "people", needs: ["people:read"], shows: lazy(() => import("../pages/people/People")) },
  { path: "/users", word: "users", needs: ["users:manage"], shows: lazy(() => import("../pages/users/Users")) },
  { path: "/account", word: "account", needs: [], shows: lazy(() => import("../pages/account/Account")) },
];

export function may(who: Who, page: Page): boolean {
  return page.needs.length === 0 || page.needs.some((one) => who.permissions.includes(one));
}
