import { useEffect, useRef, type ReactNode } from "react";

import { useWords } from "../../words";
import type { Peaks } from "./wav";

interface Props {
  peaks: Peaks;
  at_s: number;
  onSeek: (to_s: number) => void;
}

const HEIGHT_PX = 112;

/** Both channels as they sound, ours beneath the person's. The player beneath does the same by keyboard. */
export function Waveform({ peaks, at_s, onSeek }: Props): ReactNode {
  const words = useWords().calls;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, peaks, at_s / peaks.seconds);
  }, [peaks, at_s]);
  return (
    <figure className="waveform">
      <span aria-hidden="true">{words.person}</span>
      <span aria-hidden="true">{words.system}</span>
      <canvas
        ref={canvas}
        aria-hidden="true"
        width={peaks.person.length}
        height={HEIGHT_PX}
        onPointerDown={(event) => {
          const { left, width } = event.currentTarget.getBoundingClientRect();
          onSeek((peaks.seconds * (event.clientX - left)) / width);
        }}
      />
    </figure>
  );
}

function draw(canvas: HTMLCanvasElement, { person, system }: Peaks, played: number): void {
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name);
  const lane = HEIGHT_PX / 2;
  pen.clearRect(0, 0, canvas.width, HEIGHT_PX);
  for (const [index, peaks] of [person, system].entries()) {
    const middle = lane * (index + 0.5);
    peaks.forEach((peak, column) => {
      pen.fillStyle = column / peaks.length <= played ? colour("--played") : colour(index === 0 ? "--person" : "--system");
      const half = Math.max(0.5, Math.sqrt(peak) * (lane / 2 - 3));
      pen.fillRect(column, middle - half, 1, 2 * half);
    });
  }
  pen.fillStyle = colour("--played");
  pen.fillRect(played * canvas.width, 0, 2, HEIGHT_PX);
}
