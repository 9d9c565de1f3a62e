/** Speech from the microphone, as the recogniser reads it: WAV, 16-bit PCM mono, 16 kHz. Nothing leaves the page before `stop`. */

const RATE = 16_000;
const LONGEST_S = 28;

export interface Recording {
  /** The sound so far; the microphone is let go. */
  stop: () => Promise<Blob>;
}

export const canRecord = (): boolean => "mediaDevices" in navigator && typeof MediaRecorder === "function";

export async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true } });
  const recorder = new MediaRecorder(stream);
  const parts: Blob[] = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const ended = new Promise<void>((resolve) => recorder.addEventListener("stop", () => resolve()));
  recorder.start();
  const tooLong = setTimeout(() => recorder.state === "recording" && recorder.stop(), LONGEST_S * 1000);
  return {
    stop: async () => {
      clearTimeout(tooLong);
      if (recorder.state === "recording") recorder.stop();
      await ended;
      stream.getTracks().forEach((track) => track.stop());
      return wav(await atRate(await new Blob(parts).arrayBuffer()));
    },
  };
}

async function atRate(sound: ArrayBuffer): Promise<Float32Array> {
  const decoded = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(sound);
  const length = Math.min(Math.ceil(decoded.duration * RATE), LONGEST_S * RATE);
  const mixer = new OfflineAudioContext(1, Math.max(1, length), RATE);
  const source = mixer.createBufferSource();
  source.buffer = decoded;
  source.connect(mixer.destination);
  source.start();
  return (await mixer.startRendering()).getChannelData(0);
}

/** RIFF/WAVE (Microsoft/IBM 1991): a header of 44 bytes, then samples, little endian. */
export function wav(samples: Float32Array): Blob {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const put = (at: number, letters: string): void => new TextEncoder().encode(letters).forEach((one, n) => view.setUint8(at + n, one));
  put(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  put(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  put(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((one, n) => view.setInt16(44 + n * 2, Math.round(Math.max(-1, Math.min(1, one)) * 32_767), true));
  return new Blob([view.buffer], { type: "audio/wav" });
}
