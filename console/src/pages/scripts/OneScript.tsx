import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { script } from "../../api/scripts";
import type { Who } from "../../api/signed_in";
import { ProblemShown } from "../../parts/ProblemShown";
import { Waiting } from "../../parts/Waiting";
import { useWords } from "../../words";
import { Desk } from "./Desk";

/** A script is opened once; from then on the page holds what is written. */
export default function OneScript({ name, who }: { name: string; who: Who }): ReactNode {
  const words = useWords().scripts;
  const found = useQuery(script(name));
  return (
    <>
      <p className="trail">
        <Link href="/scripts">{words.title}</Link>
      </p>
      {found.data ? (
        <Desk name={name} opened={found.data} who={who} />
      ) : (
        <>
          <h1>{name}</h1>
          {found.isError ? <ProblemShown problem={found.error} /> : <Waiting />}
        </>
      )}
    </>
  );
}
