import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { wire } from "../../api/calls";
import { ProblemShown } from "../../parts/ProblemShown";
import { Waiting } from "../../parts/Waiting";
import { useWords } from "../../words";
import "./wire.css";

/** The SIP messages of a call between us and the line, as a ladder. */
export function Wire({ id }: { id: number }): ReactNode {
  const words = useWords().wire;
  const found = useQuery(wire(id));
  if (found.error !== null) return <ProblemShown problem={found.error} />;
  if (found.data === undefined) return <Waiting />;
  if (found.data.length === 0) return <p className="empty">{words.none}</p>;
  return (
    <table className="wire">
      <caption>{words.title}</caption>
      <thead>
        <tr>
          <th scope="col">{words.after}</th>
          <th scope="col">
            <span>{words.us}</span>
            <span>{words.line}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {found.data.map((one, n) => (
          <tr key={n}>
            <td>{one.after_ms}</td>
            <td className={one.is_ours ? "sent" : "came"} title={one.of}>
              <span className="unseen">{one.is_ours ? words.sent : words.came}</span>
              <code>{one.what}</code>
              {one.has_sdp && <small>SDP</small>}
              {one.told.map((why) => (
                <small key={why}>{why}</small>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
