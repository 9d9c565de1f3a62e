import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Popconfirm } from "antd";
import type { ReactNode } from "react";

import { run, startRun, stopRun, type Campaign } from "../../api/campaigns";
import type { Who } from "../../api/signed_in";
import { useWrite } from "../../parts/useWrite";
import { useWords } from "../../words";
import { useTold } from "../../words/told";

/** Starts and stops a campaign; says why the last run did not end well. */
export function RunControl({ name, who, state: life }: { name: string; who: Who; state: Campaign["state"] | undefined }): ReactNode {
  const words = useWords();
  const told = useTold();
  const { message } = App.useApp();
  const state = useQuery(run(name));
  const start = useWrite(["campaigns", "today"], startRun);
  const stop = useWrite(["campaigns", "today"], stopRun);
  if (state.data === undefined) return null;
  const { is_running: isRunning, last_words: lastWords, state: stands } = state.data;
  const mayRun = who.permissions.includes("campaigns:run");
  return (
    <>
      {mayRun && !isRunning && life !== "paused" && life !== "finished" && (
        <Popconfirm title={words.live.startWhy} okText={words.live.start} cancelText={words.doing.cancel} onConfirm={() => start.mutate(name)}>
          <Button type="primary" loading={start.isPending}>
            {words.live.start}
          </Button>
        </Popconfirm>
      )}
      {mayRun && isRunning && stands !== "stopping" && (
        <Popconfirm
          title={words.live.stopWhy}
          okText={words.live.stop}
          cancelText={words.doing.cancel}
          onConfirm={() => stop.mutate(name, { onSuccess: () => void message.success(words.live.stopped) })}
        >
          <Button danger loading={stop.isPending}>
            {words.live.stop}
          </Button>
        </Popconfirm>
      )}
      {stands === "waiting" && <Alert type="info" showIcon title={words.live.waiting} description={words.live.waitingWhy} />}
      {stands === "stopping" && <Alert type="info" showIcon title={words.live.stopped} />}
      {!isRunning && lastWords !== null && <Alert type="warning" showIcon title={words.live.lastWords} description={told(lastWords.replace(/^[a-z]+: /u, ""))} />}
    </>
  );
}
