import type { ReactNode } from "react";

import type { Who } from "../../api/signed_in";
import { useWords } from "../../words";
import { KeyTable } from "./KeyTable";
import { UserTable } from "./UserTable";

export default function Users({ who }: { who: Who }): ReactNode {
  const words = useWords();
  return (
    <>
      <h1>{words.users.title}</h1>
      <UserTable who={who} />
      <KeyTable />
    </>
  );
}
