import { api } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type LivingCall = Schemas["LivingCall"];

/** What lives now; every change is another value, and a call that has not changed is the same one. */
export interface Living {
  calls: readonly LivingCall[];
  /** The ledger's clock less this browser's. */
  ahead_ms: number;
  isWithheld: boolean;
  /** `joining` before the first word, `away` while the server cannot be reached. */
  link: "joining" | "live" | "away";
}

export const NOTHING: Living = { calls: [], ahead_ms: 0, isWithheld: false, link: "joining" };

/** Changes are shown together, at most this often. */
const GATHER_MS = 150;

/** After a stream was refused; one that was cut off comes back by itself. */
const AGAIN_MS = 3_000;

/** Watches a campaign's living calls until the answer is called. */
export function watch(campaign: string, show: (living: Living) => void): () => void {
  const calls = new Map<number, LivingCall>();
  let about: Omit<Living, "calls"> = NOTHING;
  let stream: EventSource | undefined;
  let waiting: number | undefined;
  let again: number | undefined;
  let isOver = false;

  const changed = (): void => {
    waiting ??= window.setTimeout(() => {
      waiting = undefined;
      show({ ...about, calls: [...calls.values()].sort((a, b) => a.id - b.id) });
    }, GATHER_MS);
  };
  const put = (call: LivingCall): void => {
    calls.set(call.id, call);
  };

  const open = (): void => {
    stream = new EventSource(`/api/v1/campaigns/${encodeURIComponent(campaign)}/live`);
    stream.addEventListener("calls", (event: MessageEvent<string>) => {
      const told = JSON.parse(event.data) as Schemas["LiveCalls"];
      if (told.is_whole) calls.clear();
      told.calls.forEach(put);
      told.gone.forEach((id) => calls.delete(id));
      about = { ahead_ms: Date.parse(told.now) - Date.now(), isWithheld: told.is_withheld, link: "live" };
      changed();
    });
    stream.addEventListener("call", (event: MessageEvent<string>) => {
      put(JSON.parse(event.data) as LivingCall);
      changed();
    });
    stream.addEventListener("gone", (event: MessageEvent<string>) => {
      calls.delete(Number(event.data));
      changed();
    });
    stream.addEventListener("error", () => {
      about = { ...about, link: "away" };
      changed();
      if (stream?.readyState === EventSource.CLOSED) again = window.setTimeout(() => void reopen(), AGAIN_MS);
    });
  };

  /** Asks for the campaign first: whoever has been signed out is asked to sign in again, as for any request. */
  const reopen = async (): Promise<void> => {
    try {
      await api.GET("/api/v1/campaigns/{name}", { params: { path: { name: campaign } } });
      if (!isOver) open();
    } catch {
      if (!isOver) again = window.setTimeout(() => void reopen(), AGAIN_MS);
    }
  };

  open();
  return () => {
    isOver = true;
    stream?.close();
    window.clearTimeout(waiting);
    window.clearTimeout(again);
  };
}
