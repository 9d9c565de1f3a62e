import type { ReactNode } from "react";
import { Link } from "wouter";

import { useWords } from "../words";

export function Missing(): ReactNode {
  const words = useWords();
  return (
    <>
      <h1>{words.refused.missing}</h1>
      <Link href="/">{words.refused.home}</Link>
    </>
  );
}

export function NotYours(): ReactNode {
  const words = useWords();
  return (
    <>
      <h1>{words.refused.page}</h1>
      <p>{words.refused.remedy}</p>
      <Link href="/">{words.refused.home}</Link>
    </>
  );
}
