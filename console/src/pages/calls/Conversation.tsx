import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import { sound, type CallDetail } from "../../api/calls";
import type { Who } from "../../api/signed_in";
import { ProblemShown } from "../../parts/ProblemShown";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { mayCorrect, TurnCorrected } from "./Corrections";
import { cuesOf, sentencesOf, type Sentence } from "./cues";
import { peaksOf } from "./wav";
import { Waveform } from "./Waveform";

const COLUMNS = 900;

/** What was said, and how it sounded: the recording is read only when somebody asks to hear it, for that is recorded. */
export function Conversation({ call, who }: { call: CallDetail; who: Who }): ReactNode {
  const words = useWords().calls;
  const player = useRef<HTMLAudioElement>(null);
  const [isWanted, setWanted] = useState(false);
  const [at_s, setAt] = useState(0);
  const heard = useQuery(sound(call.id, isWanted));
  const { wav, vtt } = heard.data ?? {};
  const peaks = useMemo(() => wav && peaksOf(wav, COLUMNS), [wav]);
  useEffect(() => {
    if (wav === undefined || player.current === null) return undefined;
    const address = URL.createObjectURL(new Blob([wav], { type: "audio/wav" }));
    player.current.src = address;
    return () => URL.revokeObjectURL(address);
  }, [wav]);
  const sentences = useMemo(() => sentencesOf(call.turns, vtt === undefined ? [] : cuesOf(vtt)), [call.turns, vtt]);
  const seek = (to_s: number): void => {
    setAt(to_s);
    if (player.current !== null) player.current.currentTime = to_s;
  };
  const mayHear = call.has_recording && who.permissions.includes("calls:hear");
  return (
    <>
      <ProblemShown problem={heard.error} />
      {mayHear && peaks === undefined && (
        <p>
          <Button loading={heard.isFetching} onClick={() => (isWanted ? void heard.refetch() : setWanted(true))}>
            {words.listen}
          </Button>{" "}
          <span className="quiet">{words.isRecorded}</span>
        </p>
      )}
      {!call.has_recording && <p className="empty">{words.noRecording}</p>}
      {peaks !== undefined && (
        <div className="player">
          <Waveform peaks={peaks} at_s={at_s} onSeek={seek} />
          {/* The transcript beneath is its caption, and moves with it. */}
          {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
          <audio
            ref={player}
            controls
            aria-label={words.player}
            onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
          />
        </div>
      )}
      {call.is_withheld && <p className="empty">{words.withheld}</p>}
      {!call.is_withheld && sentences.length === 0 && <p className="empty">{words.nothingSaid}</p>}
      <ol className="talk">
        {sentences.map((one, index) => (
          <Said key={index} sentence={one} at_s={peaks && at_s} onSeek={seek}>
            {one.speaker === "person" && <TurnCorrected id={call.id} turn={one.turn} may={mayCorrect(call, who)} />}
          </Said>
        ))}
      </ol>
    </>
  );
}

interface SaidProps {
  sentence: Sentence;
  /** Where the recording is; undefined before it is there. */
  at_s: number | undefined;
  onSeek: (to_s: number) => void;
  children: ReactNode;
}

function Said({ sentence: { speaker, text, turn, cue }, at_s, onSeek, children }: SaidProps): ReactNode {
  const words = useWords();
  const { share } = useFigures();
  const isNow = cue !== undefined && at_s !== undefined && at_s > 0 && at_s >= cue.start_s && at_s < cue.end_s;
  const about = [
    turn.meaning !== null && named(words.names.meanings, turn.meaning),
    turn.confidence !== null && words.calls.sure(share(Math.floor(1000 * turn.confidence), 1000)),
  ].filter((one) => one !== false);
  return (
    <li className={speaker} aria-current={isNow}>
      <small>{words.calls[speaker]}</small>
      <p>{text}</p>
      {speaker === "person" && about.length > 0 && <small>{about.join(" · ")}</small>}
      {speaker === "system" && (turn.interrupted || turn.gap_ms !== null || turn.step !== null) && (
        <small>
          {turn.step !== null && words.calls.step(turn.step)}{" "}
          {turn.gap_ms !== null && words.calls.gap((turn.gap_ms / 1000).toFixed(1))}{" "}
          {turn.interrupted && words.calls.interrupted}
        </small>
      )}
      {cue !== undefined && (
        <Button size="small" type="text" aria-label={words.calls.playFrom(clock(cue.start_s))} onClick={() => onSeek(cue.start_s)}>
          ▸ {clock(cue.start_s)}
        </Button>
      )}
      {children}
    </li>
  );
}

function clock(s: number): string {
  return `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
}
