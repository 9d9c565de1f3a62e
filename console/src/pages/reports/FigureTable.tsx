import type { ReactNode } from "react";
import { Link } from "wouter";

import type { Figure, Figures, Grouping, Rate, Report, Stage } from "../../api/reports";
import type { Who } from "../../api/signed_in";
import { Table, type Column } from "../../parts/Table";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";

const STAGES: readonly Stage[] = ["dialled", "answered", "spoke", "finished", "refused", "complained"];
const GRADES = ["A", "B", "C", "D", "E", "F"];

interface Shown extends Figures {
  id: string;
  name: string;
}

/** The rows of a report and all of them together; a figure leads to its calls for whoever may see them. */
export function FigureTable({ report, by, problem, who }: { report: Report | undefined; by: Grouping; problem: Error | null; who: Who }): ReactNode {
  const words = useWords().reports;
  const { count, share, decimal } = useFigures();
  const mayLook = who.permissions.includes("calls:read");
  const behind = (figure: Figure | undefined, what: string): ReactNode => {
    if (figure === undefined) return "—";
    const written = count(figure.count);
    if (!mayLook || figure.count === 0) return written;
    const query = new URLSearchParams(figure.calls).toString();
    return (
      <Link href={`/calls?${query}`} aria-label={words.behind(written, what)}>
        {written}
      </Link>
    );
  };
  const rate = (found: Rate): ReactNode =>
    found.share === null ? (
      "—"
    ) : (
      <>
        {share(found.hits, found.of)}
        <small>{words.between(share(found.low, 1), share(found.high, 1))}</small>
      </>
    );
  const columns: Column<Shown>[] = [
    { title: words.bys[by], shows: (one) => <b>{one.name}</b> },
    ...(by === "grade" ? [] : [{ title: words.asked, isFigure: true, shows: (one: Shown) => (one.asked === null ? "—" : count(one.asked)) }]),
    ...STAGES.map((stage) => ({
      title: words.stages[stage],
      isFigure: true,
      shows: (one: Shown) => behind(one.stages[stage], `${one.name}, ${words.stages[stage]}`),
    })),
    { title: words.answerRate, isFigure: true, shows: (one) => rate(one.answer_rate) },
    { title: words.refusalRate, isFigure: true, shows: (one) => rate(one.refusal_rate) },
    { title: words.talk, isFigure: true, shows: (one) => (one.talk_s === null ? "—" : words.seconds(decimal(one.talk_s))) },
    ...(by === "grade"
      ? []
      : [
          {
            title: words.grades,
            shows: (one: Shown) => (
              <span className="grades">
                {GRADES.filter((grade) => one.grades[grade]?.count).map((grade) => (
                  <span key={grade}>
                    {grade} {behind(one.grades[grade], `${one.name}, ${words.grades} ${grade}`)}
                  </span>
                ))}
              </span>
            ),
          },
        ]),
  ];
  const rows = report?.rows.map((one) => ({ ...one, id: `${one.key}`, name: one.key === null ? words.without : one.name }));
  const whole = report && rows?.length ? [{ ...report.whole, id: "\0whole", name: words.whole }] : [];
  return (
    <div className="figures">
      <Table
        caption={words.caption(words.bys[by])}
        rows={rows && [...rows, ...whole]}
        problem={problem}
        empty={words.empty}
        keyOf={(one) => one.id}
        columns={columns}
      />
    </div>
  );
}
