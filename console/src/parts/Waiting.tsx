import type { ReactNode } from "react";

import { useWords } from "../words";

/** Something is being read; what comes at once is not announced. */
export function Waiting(): ReactNode {
  return (
    <p role="status" className="waiting">
      {useWords().doing.loading}
    </p>
  );
}
