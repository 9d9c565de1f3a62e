/** Where in the recording each sentence is: the cues of the WebVTT, laid beside the turns of the call. */

import type { Turn } from "../../api/calls";

export interface Cue {
  speaker: "person" | "system";
  text: string;
  start_s: number;
  end_s: number;
}

export function cuesOf(vtt: string): Cue[] {
  return vtt.split(/\r?\n\r?\n/).flatMap((block) => {
    const found = /([\d:.]+) --> ([\d:.]+).*\n<v (person|system)>([\s\S]*)/.exec(block);
    if (found === null) return [];
    const [, start = "", end = "", speaker, text = ""] = found;
    return [{ speaker: speaker as Cue["speaker"], text: unescaped(text.trim()), start_s: seconds(start), end_s: seconds(end) }];
  });
}

/** A sentence of the call; `cue` is missing until the recording is there. */
export interface Sentence {
  speaker: "person" | "system";
  text: string;
  turn: Turn;
  cue: Cue | undefined;
}

/** Every sentence in the order it was said; each takes the first cue with its words that no other has taken. */
export function sentencesOf(turns: readonly Turn[], cues: readonly Cue[]): Sentence[] {
  const free = [...cues];
  const take = (speaker: Cue["speaker"], text: string): Cue | undefined => {
    const index = free.findIndex((cue) => cue.speaker === speaker && cue.text === text);
    return index < 0 ? undefined : free.splice(index, 1)[0];
  };
  return turns.flatMap((turn) => {
    const heard = turn.heard && { speaker: "person" as const, text: turn.heard, turn, cue: take("person", turn.heard) };
    const said = turn.said && { speaker: "system" as const, text: turn.said, turn, cue: take("system", turn.said) };
    return [heard, said].filter((one) => typeof one === "object" && one !== null);
  });
}

function seconds(clock: string): number {
  return clock.split(":").reduce((sum, part) => 60 * sum + Number(part), 0);
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
