import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Select } from "antd";
import { useState, type ReactNode } from "react";

import { check, isWorking, start, type Import, type Orders, type Preview } from "../../api/imports";
import { lists } from "../../api/lists";
import { Card } from "../../parts/Card";
import { ProblemShown } from "../../parts/ProblemShown";
import { Table } from "../../parts/Table";
import { Mark } from "../../parts/Tone";
import { useWrite } from "../../parts/useWrite";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { useTold } from "../../words/told";
import { BadRows } from "./BadRows";
import { Evidence } from "./Evidence";

const SAMPLES = 3;
const BASES = ["existing_customer", "consent"] as const;
/** What may be the same for every row of a file that does not say it. */
const SAME = ["source", "basis"] as const;

interface Props {
  one: Import;
  preview: Preview;
}

/** What each column is, into which list, and what a check has found. */
export function Ordering({ one, preview }: Props): ReactNode {
  const words = useWords().imports;
  const told = useTold();
  const { count } = useFigures();
  const [orders, setOrders] = useState<Orders>(() => one.orders ?? first(one, preview));
  const checking = useWrite(["imports"], check, true);
  const starting = useWrite(["imports", "lists"], start, true);
  const missing = lacking(orders, preview);
  const isChecking = checking.isPending || isWorking(one);
  const wasChecked = one.state === "checked";
  const isChanged = wasChecked && !isSame(orders, one.orders);
  const asked = { id: one.id, orders };
  const namesEvidence = orders.places["evidence_file"] !== undefined;
  return (
    <div className="stack">
      <Columns orders={orders} preview={preview} onChange={setOrders} />
      <Into orders={orders} preview={preview} onChange={setOrders} />
      {namesEvidence && <Evidence one={one} onShown={() => missing.length === 0 && checking.mutate(asked)} />}
      <div className="tools">
        <Button
          type={wasChecked && !isChanged ? "default" : "primary"}
          disabled={missing.length > 0 || orders.list.trim() === ""}
          loading={isChecking}
          onClick={() => checking.mutate(asked)}
        >
          {wasChecked ? words.checkAgain : words.check}
        </Button>
        {isChecking && <span role="status">{words.checking}</span>}
        {missing.length > 0 && (
          <span role="status">{words.missing(missing.map((field) => named(words.fields, field)).join("、"))}</span>
        )}
      </div>
      <ProblemShown problem={checking.error ?? starting.error} />
      {one.problem !== null && <Alert role="alert" type="error" showIcon title={told(one.problem)} />}
      {one.was_lost && <Alert type="warning" showIcon title={words.lost} />}
      {wasChecked && (
        <Card>
          <h2>{words.result}</h2>
          <p>
            <Mark tone="good">{words.good(count(one.accepted ?? 0))}</Mark>{" "}
            {one.rejected > 0 && <Mark tone="bad">{words.bad(count(one.rejected))}</Mark>}
          </p>
          {isChanged && <p role="status">{words.changed}</p>}
          {one.accepted === 0 && <p>{words.nobody}</p>}
          <Button
            type="primary"
            disabled={isChanged || !one.accepted}
            loading={starting.isPending}
            onClick={() => starting.mutate(asked)}
          >
            {words.start(count(one.accepted ?? 0))}
          </Button>
        </Card>
      )}
      {wasChecked && one.rejected > 0 && <BadRows one={one} />}
    </div>
  );
}

interface PartProps {
  orders: Orders;
  preview: Preview;
  onChange: (orders: Orders) => void;
}

function Columns({ orders, preview, onChange }: PartProps): ReactNode {
  const words = useWords().imports;
  const fieldAt = new Map(Object.entries(orders.places).map(([field, place]) => [place, field]));
  const choices = [
    { value: "", label: words.ignore },
    ...preview.fields.map(({ name, is_required }) => ({
      value: name,
      label: `${named(words.fields, name)}${is_required ? " *" : ""}`,
    })),
  ];
  const choose = (place: number, field: string): void => {
    const kept = Object.entries(orders.places).filter(([known, at]) => known !== field && at !== place);
    onChange({ ...orders, places: Object.fromEntries(field === "" ? kept : [...kept, [field, place]]) });
  };
  return (
    <section>
      <h2>{words.columns}</h2>
      <p className="quiet">{words.columnsWhy}</p>
      <Table
        caption={words.columns}
        rows={preview.header.map((header, place) => ({ header, place }))}
        problem={null}
        empty=""
        keyOf={({ place }) => place}
        columns={[
          { title: words.column, shows: ({ header }) => <strong>{header}</strong> },
          {
            title: words.samples,
            shows: ({ place }) => <span className="samples">{samples(preview, place).join(" · ") || "—"}</span>,
          },
          {
            title: words.means,
            shows: ({ header, place }) => (
              <Select
                className="field"
                aria-label={words.fieldOf(header)}
                value={fieldAt.get(place) ?? ""}
                options={choices}
                showSearch={{ optionFilterProp: "label" }}
                onChange={(field) => choose(place, field)}
              />
            ),
          },
        ]}
      />
    </section>
  );
}

function Into({ orders, preview, onChange }: PartProps): ReactNode {
  const words = useWords().imports;
  const { names } = useWords();
  const { count } = useFigures();
  const known = useQuery(lists).data?.find((list) => list.name === orders.list.trim());
  const same = (field: string, value: string): void => onChange({ ...orders, same: { ...orders.same, [field]: value } });
  const left = SAME.filter((field) => orders.places[field] === undefined && preview.fields.some(({ name }) => name === field));
  return (
    <section>
      <h2>{words.into}</h2>
      <Form layout="vertical" className="narrow" component="div">
        <Form.Item
          label={words.list}
          htmlFor="list"
          extra={known === undefined ? words.listHint : words.appends(count(known.people))}
        >
          <Input
            id="list"
            value={orders.list}
            maxLength={200}
            onChange={(event) => onChange({ ...orders, list: event.target.value })}
          />
        </Form.Item>
        {left.length > 0 && <p className="quiet">{words.same}</p>}
        {left.includes("source") && (
          <Form.Item label={words.source} htmlFor="source" extra={words.sourceHint} required>
            <Input
              id="source"
              value={orders.same?.["source"] ?? ""}
              maxLength={200}
              onChange={(event) => same("source", event.target.value)}
            />
          </Form.Item>
        )}
        {left.includes("basis") && (
          <Form.Item label={words.basis} htmlFor="basis" extra={words.basisHint} required>
            <Select
              id="basis"
              value={orders.same?.["basis"] || null}
              options={BASES.map((value) => ({ value, label: named(names.bases, value) }))}
              onChange={(value) => same("basis", value)}
            />
          </Form.Item>
        )}
      </Form>
    </section>
  );
}

/** As the headings tell; the list is called like the file. */
function first(one: Import, { proposed }: Preview): Orders {
  return { list: one.file_name.replace(/\.[^.]+$/, ""), places: proposed, same: {} };
}

function lacking({ places, same }: Orders, { fields }: Preview): string[] {
  const has = (name: string): boolean => places[name] !== undefined || Boolean(same?.[name]?.trim());
  return fields.filter(({ name, is_required }) => is_required && !has(name)).map(({ name }) => name);
}

function isSame(a: Orders, b: Orders | null): boolean {
  const plain = (one: Orders): string =>
    JSON.stringify([one.list, Object.entries(one.places).sort(), Object.entries(one.same ?? {}).sort()]);
  return b !== null && plain(a) === plain(b);
}

function samples({ rows }: Preview, place: number): string[] {
  return rows.map((row) => row[place]?.trim() ?? "").filter((cell) => cell !== "").slice(0, SAMPLES);
}
