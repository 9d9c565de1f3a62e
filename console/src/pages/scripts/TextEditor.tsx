import type { EditorView } from "@codemirror/view";
import { useEffect, useEffectEvent, useRef, type ReactNode } from "react";

import { openEditor, type Seen } from "./text_editor";

interface Props {
  initial: string;
  label: string;
  isReadOnly: boolean;
  onSeen: (seen: Seen) => void;
  onSave: () => void;
  onOpen: (view: EditorView | null) => void;
}

/** The text. It holds itself: what is shown elsewhere is told by `onSeen`, what changes it goes through the view. */
export function TextEditor({ initial, label, isReadOnly, onSeen, onSave, onOpen }: Props): ReactNode {
  const ground = useRef<HTMLDivElement>(null);
  const saw = useEffectEvent(onSeen);
  const saves = useEffectEvent(onSave);
  const opened = useEffectEvent(onOpen);
  const open = useEffectEvent((parent: HTMLElement) =>
    openEditor(parent, initial, label, isReadOnly, (seen) => saw(seen), { save: () => saves() }),
  );
  useEffect(() => {
    if (ground.current === null) return undefined;
    const view = open(ground.current);
    opened(view);
    return () => {
      opened(null);
      view.destroy();
    };
  }, []);
  return <div className="text-editor" ref={ground} />;
}
