import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Popconfirm } from "antd";
import type { ReactNode } from "react";

import { check, finish, pause, resume, type Campaign } from "../../api/campaigns";
import type { Who } from "../../api/signed_in";
import { useWrite } from "../../parts/useWrite";
import { useLanguage, useWords } from "../../words";
import { useFigures } from "../../words/figures";

const CHANGED = ["campaigns", "today"] as const;

/** Pauses, resumes and finishes a campaign; says what holds it and what a check finds in it. */
export function LifeControl({ campaign, who }: { campaign: Campaign; who: Who }): ReactNode {
  const words = useWords();
  const { name, state } = campaign;
  const toPause = useWrite(CHANGED, pause);
  const toResume = useWrite(CHANGED, resume);
  const toFinish = useWrite(CHANGED, finish);
  if (!who.permissions.includes("campaigns:run")) return null;
  return (
    <>
      {state === "running" && (
        <Popconfirm title={words.life.pauseWhy} okText={words.life.pause} cancelText={words.doing.cancel} onConfirm={() => toPause.mutate(name)}>
          <Button loading={toPause.isPending}>{words.life.pause}</Button>
        </Popconfirm>
      )}
      {state === "paused" && (
        <Button type="primary" loading={toResume.isPending} onClick={() => toResume.mutate(name)}>
          {words.life.resume}
        </Button>
      )}
      {(state === "running" || state === "paused") && (
        <Popconfirm title={words.life.finishWhy} okText={words.life.finish} cancelText={words.doing.cancel} onConfirm={() => toFinish.mutate(name)}>
          <Button danger loading={toFinish.isPending}>
            {words.life.finish}
          </Button>
        </Popconfirm>
      )}
    </>
  );
}

/** What holds a campaign now, and what a check finds in it; nothing when all is well. */
export function Checked({ campaign }: { campaign: Campaign }): ReactNode {
  const words = useWords();
  const language = useLanguage();
  const { time } = useFigures();
  const found = useQuery(check(campaign)).data;
  if (found === undefined) return null;
  const { findings, held_by: heldBy, held_until: until } = found;
  return (
    <>
      {heldBy !== null && (
        <Alert type="info" showIcon title={words.life.held[heldBy]} description={until === null ? undefined : words.life.until(time(until))} />
      )}
      {findings.map((one) => (
        <Alert key={`${one.code} ${one.en}`} type={one.refuses ? "error" : "warning"} showIcon title={words.life.found} description={language === "zh" ? one.zh : one.en} />
      ))}
    </>
  );
}
