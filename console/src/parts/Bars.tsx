import type { ReactNode } from "react";

import { useFigures } from "../words/figures";
import type { Tone } from "./Tone";

export interface Bar {
  key: string;
  name: ReactNode;
  count: number;
  tone?: Tone;
}

/** Counts as bars: a table to those who hear it, lengths to those who see it; the figure is always written out. */
export function Bars({ caption, bars, whole }: { caption: string; bars: readonly Bar[]; whole?: number }): ReactNode {
  const { count, share } = useFigures();
  const longest = Math.max(1, whole ?? 0, ...bars.map((bar) => bar.count));
  return (
    <table className="bars">
      <caption>{caption}</caption>
      <tbody>
        {bars.map((bar) => (
          <tr key={bar.key}>
            <th scope="row">{bar.name}</th>
            <td className="bar" aria-hidden="true">
              <span className={bar.tone ?? "plain"} style={{ width: `${(100 * bar.count) / longest}%` }} />
            </td>
            <td className="figure">{count(bar.count)}</td>
            {whole !== undefined && <td className="figure quiet">{share(bar.count, whole)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
