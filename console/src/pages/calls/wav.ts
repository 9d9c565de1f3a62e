/** The loudness of both channels of a recording, read from the WAV without playing it. */

export interface Peaks {
  /** For each column of the picture the loudest sample, 0 to 1. */
  person: Float32Array;
  system: Float32Array;
  seconds: number;
}

/** 16-bit PCM, two channels: the person on the left, the system on the right. */
export function peaksOf(wav: ArrayBuffer, columns: number): Peaks {
  const view = new DataView(wav);
  const rate = view.getUint32(24, true);
  const [start, end] = dataOf(view);
  const frames = Math.floor((end - start) / 4);
  const loudest = (channel: 0 | 1): Float32Array =>
    Float32Array.from({ length: columns }, (_, column) => {
      const until = Math.floor(((column + 1) * frames) / columns);
      let peak = 0;
      for (let frame = Math.floor((column * frames) / columns); frame < until; frame++) {
        peak = Math.max(peak, Math.abs(view.getInt16(start + 4 * frame + 2 * channel, true)));
      }
      return peak / 32_768;
    });
  return { person: loudest(0), system: loudest(1), seconds: frames / rate };
}

function dataOf(view: DataView): [number, number] {
  let at = 12;
  while (at + 8 <= view.byteLength) {
    const size = view.getUint32(at + 4, true);
    const isData = view.getUint32(at, false) === 0x64617461;
    if (isData) return [at + 8, Math.min(view.byteLength, at + 8 + size)];
    at += 8 + size + (size % 2);
  }
  return [view.byteLength, view.byteLength];
}
