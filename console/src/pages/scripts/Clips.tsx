import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { clipAddress, render, rendering } from "../../api/scripts";
import { ProblemShown } from "../../parts/ProblemShown";
import { Table } from "../../parts/Table";
import { Mark } from "../../parts/Tone";
import { useWrite } from "../../parts/useWrite";
import { useWords } from "../../words";
import { useTold } from "../../words/told";
import type { Checking } from "./useChecked";

interface Props {
  name: string;
  checking: Checking;
  canRender: boolean;
  isChanged: boolean;
}

/** Everything that is said, as sound. */
export function Clips({ name, checking, canRender, isChanged }: Props): ReactNode {
  const words = useWords().scripts.clips;
  const told = useTold();
  const [playing, setPlaying] = useState<string | null>(null);
  const clips = checking.found?.wordings ?? [];
  const missing = clips.filter((one) => !one.has_clip).length;
  const sound = useRef<HTMLAudioElement>(null);
  const progress = useQuery(rendering(name));
  const isRunning = progress.data?.is_running ?? false;
  const start = useWrite(["scripts"], () => render(name), true);
  const again = checking.again;
  useEffect(() => {
    if (!isRunning) again();
  }, [isRunning, again]);
  useEffect(() => {
    if (playing !== null) void sound.current?.play().catch(() => setPlaying(null));
  }, [playing]);
  return (
    <>
      <p className="quiet">{words.why}</p>
      <ProblemShown problem={start.error} />
      {clips.length > 0 && (
        <div className="tools">
          <span>{words.count(clips.length - missing, clips.length)}</span>
          {canRender && missing > 0 && (
            <Button disabled={isChanged || isRunning} loading={start.isPending} onClick={() => start.mutate(undefined)}>
              {words.render(missing)}
            </Button>
          )}
          {canRender && missing > 0 && isChanged && <span className="quiet">{words.saveFirst}</span>}
          {isRunning && progress.data && (
            <span role="status">
              {words.rendering(progress.data.done, progress.data.total)}
              <progress max={progress.data.total} value={progress.data.done} aria-label={words.render(missing)} />
            </span>
          )}
          {!isRunning && progress.data?.last_words != null && missing > 0 && <span className="quiet">{told(progress.data.last_words)}</span>}
        </div>
      )}
      {playing !== null && (
        // eslint-disable-next-line jsx-a11y/media-has-caption -- its words stand beside it
        <audio key={playing} ref={sound} src={clipAddress(playing)} onEnded={() => setPlaying(null)} />
      )}
      <Table
        caption={words.why}
        rows={clips}
        problem={null}
        empty={words.unchecked}
        keyOf={(one) => one.clip}
        columns={[
          { title: words.words, shows: (one) => one.text },
          { title: words.has, shows: (one) => <Mark tone={one.has_clip ? "good" : "wait"}>{one.has_clip ? words.has : words.missing}</Mark> },
          {
            title: words.sound,
            shows: (one) =>
              one.has_clip && (
                <Button size="small" aria-label={`${words.listen}: ${one.text}`} onClick={() => setPlaying(playing === one.clip ? null : one.clip)}>
                  {playing === one.clip ? words.stop : words.listen}
                </Button>
              ),
          },
        ]}
      />
    </>
  );
}
