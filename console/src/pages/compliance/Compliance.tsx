import type { ReactNode } from "react";

import type { Who } from "../../api/signed_in";
import { useWords } from "../../words";
import { Complaints } from "./Complaints";
import { Refusals } from "./Refusals";
import { Suspensions } from "./Suspensions";

/** What speaks against calling: complaints with their due times, suspensions, refusals. */
export default function Compliance({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const sees = who.permissions.includes("compliance:read");
  return (
    <>
      <h1>{words.menu.compliance}</h1>
      {(sees || who.permissions.includes("complaints:write")) && <Complaints who={who} />}
      {who.permissions.includes("lines:read") && <Suspensions who={who} />}
      {(sees || who.permissions.includes("refusals:write")) && <Refusals who={who} />}
    </>
  );
}
