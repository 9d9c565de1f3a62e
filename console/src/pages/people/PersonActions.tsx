import { App, Button } from "antd";
import { useState, type ReactNode } from "react";

import { erase, exported } from "../../api/people";
import type { Who } from "../../api/signed_in";
import { ReasonDialog } from "../../parts/ReasonDialog";
import { useWrite } from "../../parts/useWrite";
import { useWords } from "../../words";

interface Props {
  who: Who;
  number: string;
  onErased: () => void;
}

/** What a person may ask of us: everything we know, as a file; and that we forget it. */
export function PersonActions({ who, number, onErased }: Props): ReactNode {
  const words = useWords().people;
  const { message } = App.useApp();
  const [asked, setAsked] = useState<"export" | "erase">();
  const exporting = useWrite([], (reason: string) => exported(number, reason), true);
  const erasing = useWrite(["refusals"], (reason: string) => erase(number, reason), true);
  const leave = (): void => {
    setAsked(undefined);
    exporting.reset();
    erasing.reset();
  };
  return (
    <div className="tools">
      <Button onClick={() => setAsked("export")}>{words.export}</Button>
      {who.permissions.includes("people:erase") && (
        <Button danger onClick={() => setAsked("erase")}>
          {words.erase}
        </Button>
      )}
      {asked === "export" && (
        <ReasonDialog
          title={words.export}
          why={words.exportWhy}
          does={words.export}
          problem={exporting.error}
          isSaving={exporting.isPending}
          onCancel={leave}
          onReason={(reason) =>
            exporting.mutate(reason, {
              onSuccess: (known) => {
                leave();
                save(known);
              },
            })
          }
        />
      )}
      {asked === "erase" && (
        <ReasonDialog
          title={words.erase}
          why={words.eraseWhy}
          does={words.eraseNow}
          isDangerous
          problem={erasing.error}
          isSaving={erasing.isPending}
          onCancel={leave}
          onReason={(reason) =>
            erasing.mutate(reason, {
              onSuccess: ({ refusals_kept, recordings_removed }) => {
                leave();
                onErased();
                void message.success(words.erased(refusals_kept, recordings_removed));
              },
            })
          }
        />
      )}
    </div>
  );
}

function save(known: unknown): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(known, null, 1)], { type: "application/json" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: "person.json" });
  link.click();
  URL.revokeObjectURL(address);
}
