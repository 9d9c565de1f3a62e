import { Input } from "antd";
import { useState, type ReactNode } from "react";

/** A name above what it names. */
export function Field({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <div className="step-field">
      <span aria-hidden="true">{label}</span>
      {children}
    </div>
  );
}

interface Props {
  label: string;
  value: string;
  isReadOnly?: boolean;
  onChange: (value: string) => void;
}

/**
 * Words that go into the text as they are typed. The field holds them itself meanwhile: the graph is drawn when there
 * is time for it, and a field that waited for it would lose what is typed fast.
 */
export function Live({ label, value, isReadOnly = false, onChange }: Props): ReactNode {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <Input.TextArea
      aria-label={label}
      autoSize
      maxLength={400}
      readOnly={isReadOnly}
      value={typed ?? value}
      onChange={({ target }) => {
        setTyped(target.value);
        onChange(target.value);
      }}
      onBlur={() => setTyped(null)}
    />
  );
}

/** A field that counts when it is left, for what is half a name while it is typed. */
export function Once({ label, value, isReadOnly = false, wrong = () => null, onChange }: Props & { wrong?: (value: string) => string | null }): ReactNode {
  const [typed, setTyped] = useState(value);
  const fault = wrong(typed);
  const done = (): void => {
    if (typed.trim() !== "" && typed !== value && fault === null) onChange(typed.trim());
  };
  return (
    <>
      <Input
        aria-label={label}
        value={typed}
        readOnly={isReadOnly}
        {...(fault !== null && { status: "error" as const })}
        onChange={({ target }) => setTyped(target.value)}
        onBlur={done}
        onPressEnter={done}
      />
      {fault !== null && typed !== "" && <small role="alert">{fault}</small>}
    </>
  );
}
