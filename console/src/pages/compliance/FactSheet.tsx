import { Checkbox, Input, InputNumber, Select } from "antd";
import type { ReactNode } from "react";

import type { Case } from "../../api/law";
import { useWords } from "../../words";
import type { Words } from "../../words/zh";
import { calledInWeek, factAt, hasConsent, hasRefused, withCalls, withConsent, withFact, withRefusal } from "./facts";

interface Props {
  facts: Case;
  onChange: (facts: Case) => void;
}

type Path = Exclude<keyof Words["gate"]["names"], "refused" | "calledWeek" | "consented">;

/** The facts that matter most, each with a field of its own; a change is judged at once. */
export function FactSheet({ facts, onChange }: Props): ReactNode {
  const words = useWords();
  const { gate, names } = words;
  const kinds = words.lines.kinds;
  const field = (path: Path, options?: Readonly<Record<string, string>>): ReactNode => (
    <Fact key={path} path={path} facts={facts} options={options} onChange={onChange} />
  );
  return (
    <>
      <div className="tools">
        <Checkbox checked={hasRefused(facts)} onChange={(event) => onChange(withRefusal(facts, event.target.checked))}>
          {gate.names.refused}
        </Checkbox>
        <Checkbox checked={hasConsent(facts)} onChange={(event) => onChange(withConsent(facts, event.target.checked))}>
          {gate.names.consented}
        </Checkbox>
      </div>
      <div className="factsheet">
        {field("now")}
        {field("purpose", names.purposes)}
        <label>
          <span>{gate.names.calledWeek}</span>
          <InputNumber
            min={0}
            max={50}
            precision={0}
            value={calledInWeek(facts)}
            onChange={(count) => onChange(withCalls(facts, count ?? 0))}
          />
        </label>
        {field("permission.basis", names.bases)}
        {field("permission.data_source")}
        {field("person.number_country")}
        {field("person.region")}
        {field("person.zone")}
        {field("person.number_kind", names.kinds)}
        {field("campaign.state")}
        <YesNo path="campaign.artificial_voice" facts={facts} onChange={onChange} />
        {field("tenant.role", gate.roles)}
        <YesNo path="tenant.suspended" facts={facts} onChange={onChange} />
        {field("line.kind", kinds)}
        {field("line.documents_until")}
        <YesNo path="line.suspended" facts={facts} onChange={onChange} />
        <YesNo path="caller.is_own" facts={facts} onChange={onChange} />
        <YesNo path="caller.suspended" facts={facts} onChange={onChange} />
        {field("spoken.approval_expires_at")}
        <YesNo path="spoken.suspended" facts={facts} onChange={onChange} />
      </div>
    </>
  );
}

interface FactProps extends Props {
  path: Path;
  options?: Readonly<Record<string, string>> | undefined;
}

/** Empty is not known, which denies. */
function Fact({ path, facts, options, onChange }: FactProps): ReactNode {
  const words = useWords().gate;
  const value = factAt(facts, path);
  const text = typeof value === "string" ? value : "";
  const set = (entered: string | undefined): void => onChange(withFact(facts, path, entered === undefined || entered === "" ? null : entered));
  return (
    <label>
      <span>{words.names[path]}</span>
      {options === undefined ? (
        <Input value={text} placeholder={words.unknown} onChange={(event) => set(event.target.value)} />
      ) : (
        <Select
          allowClear={path !== "purpose"}
          aria-label={words.names[path]}
          placeholder={words.unknown}
          value={text === "" ? null : text}
          options={Object.entries(options).map(([key, label]) => ({ value: key, label }))}
          onChange={(chosen: string | undefined | null) => set(chosen ?? undefined)}
        />
      )}
    </label>
  );
}

function YesNo({ path, facts, onChange }: FactProps): ReactNode {
  const words = useWords().gate;
  const value = factAt(facts, path);
  return (
    <label>
      <span>{words.names[path]}</span>
      <Select
        allowClear
        aria-label={words.names[path]}
        placeholder={words.unknown}
        value={typeof value === "boolean" ? String(value) : null}
        options={[
          { value: "true", label: words.yes },
          { value: "false", label: words.no },
        ]}
        onChange={(chosen: string | undefined | null) =>
          onChange(withFact(facts, path, chosen === undefined || chosen === null ? null : chosen === "true"))
        }
      />
    </label>
  );
}
