import { useState, type DragEvent, type ReactNode } from "react";

/** A file and the path under which it was dropped; of one that was chosen, its name. */
export interface Dropped {
  path: string;
  file: File;
}

interface Props {
  label: string;
  hint?: string;
  accept?: string;
  /** Several files, and what lies in folders. */
  isMany?: boolean;
  isDisabled?: boolean;
  onFiles: (files: readonly Dropped[]) => void;
}

/** Somewhere to drop files; to the keyboard and to those who do not see it, a button that chooses them. */
export function DropZone({ label, hint, accept, isMany = false, isDisabled = false, onFiles }: Props): ReactNode {
  const [isOver, setOver] = useState(false);
  const give = (files: readonly Dropped[]): void => {
    if (files.length > 0 && !isDisabled) onFiles(isMany ? files : files.slice(0, 1));
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void dropped(event.dataTransfer).then(give);
  };
  return (
    <label className={`drop ${isOver ? "over" : ""}`}>
      <strong>{label}</strong>
      {hint !== undefined && <small>{hint}</small>}
      <input
        type="file"
        accept={accept}
        multiple={isMany}
        disabled={isDisabled}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        onChange={(event) => {
          give([...(event.target.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
          event.target.value = "";
        }}
      />
    </label>
  );
}

/** Everything that was dropped, folders opened. The entries must be taken before the event is over. */
async function dropped(data: DataTransfer): Promise<Dropped[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return [...data.files].map((file) => ({ path: file.name, file }));
  return (await Promise.all(entries.map(inside))).flat();
}

async function inside(entry: FileSystemEntry): Promise<Dropped[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed));
    return [{ path: entry.fullPath.slice(1), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) break; // a folder is read some hundred entries at a time
    found.push(...some);
  }
  return (await Promise.all(found.map(inside))).flat();
}
