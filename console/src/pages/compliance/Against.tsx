import type { ReactNode } from "react";

import type { Who } from "../../api/signed_in";
import { Complaints } from "./Complaints";
import { Refusals } from "./Refusals";
import { Suspensions } from "./Suspensions";
import { Unknown } from "./Unknown";

/** What speaks against calling: complaints with their due times, suspensions, refusals; and calls with an unknown end. */
export function Against({ who }: { who: Who }): ReactNode {
  const sees = who.permissions.includes("compliance:read");
  return (
    <>
      {(sees || who.permissions.includes("complaints:write")) && <Complaints who={who} />}
      {who.permissions.includes("lines:read") && <Suspensions who={who} />}
      {who.permissions.includes("calls:read") && <Unknown who={who} />}
      {(sees || who.permissions.includes("refusals:write")) && <Refusals who={who} />}
    </>
  );
}
