import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState, type ReactNode } from "react";

import { hear, talk, type TalkLine } from "../../api/scripts";
import { ProblemShown } from "../../parts/ProblemShown";
import { Mark } from "../../parts/Tone";
import { named, useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { canRecord, record, type Recording } from "./microphone";

interface Props {
  text: string;
  variables: readonly string[];
  onStep: (step: string) => void;
}

/** A conversation with the text as it stands: whenever the text changes, the same words are said to it again. */
export function Talk({ text, variables, onStep }: Props): ReactNode {
  const words = useWords().scripts.talk;
  const { outcomes } = useWords().live;
  const [heard, setHeard] = useState<readonly string[]>([]);
  const [said, setSaid] = useState("");
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const given = Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== "" && variables.includes(name)));
  const played = useQuery({
    queryKey: ["script-talk", text, given, heard],
    queryFn: () => talk(text, given, heard),
    staleTime: Infinity,
    gcTime: 0,
    placeholderData: (before) => before,
  });
  const isOver = played.data?.is_over ?? false;
  const say = (sentence: string): void => {
    setHeard([...heard, sentence]);
    setSaid("");
  };
  return (
    <div className="talk-panel">
      <p className="quiet">{words.why}</p>
      <ProblemShown problem={played.error} />
      {variables.length > 0 && (
        <details>
          <summary>{words.values}</summary>
          <div className="choices">
            {variables.map((name) => (
              <label key={name}>
                {name}
                <Input maxLength={60} value={values[name] ?? ""} onChange={({ target }) => setValues({ ...values, [name]: target.value })} />
              </label>
            ))}
          </div>
        </details>
      )}
      <ol className="talk" aria-label={words.conversation} aria-live="polite">
        {played.data?.lines.map((line, n) => (
          <Sentence key={n} line={line} onStep={onStep} />
        ))}
      </ol>
      {isOver && (
        <p role="status">
          <Mark tone="good">{words.over(named(outcomes, played.data?.outcome ?? "—"), played.data?.grade ?? "—")}</Mark>
        </p>
      )}
      <form
        className="tools"
        onSubmit={(event) => {
          event.preventDefault();
          if (said.trim() !== "" && !isOver) say(said.trim());
        }}
      >
        <Input
          className="talk-input"
          aria-label={words.say}
          placeholder={words.placeholder}
          maxLength={200}
          disabled={isOver}
          value={said}
          onChange={({ target }) => setSaid(target.value)}
        />
        <Button type="primary" htmlType="submit" disabled={isOver || said.trim() === ""}>
          {words.say}
        </Button>
        <Button disabled={isOver} onClick={() => say("")}>
          {words.silence}
        </Button>
        {canRecord() && <Microphone isOff={isOver} onWords={say} />}
        <Button disabled={heard.length === 0} onClick={() => setHeard([])}>
          {words.again}
        </Button>
      </form>
    </div>
  );
}

function Sentence({ line, onStep }: { line: TalkLine; onStep: (step: string) => void }): ReactNode {
  const { scripts, names } = useWords();
  const words = scripts.talk;
  const { share } = useFigures();
  const isUs = line.who === "us";
  return (
    <li className={isUs ? "system" : "person"}>
      <small>
        {isUs ? words.us : words.them}
        {line.meaning !== null && ` · ${named(names.meanings, line.meaning)}`}
        {line.confidence !== null && ` · ${words.confidence(share(line.confidence, 1))}`}
      </small>
      <p>{line.words === "" ? `(${words.silence})` : line.words}</p>
      {line.step !== null && (
        <Button type="link" size="small" onClick={() => line.step !== null && onStep(line.step)}>
          {line.step}
        </Button>
      )}
    </li>
  );
}

function Microphone({ isOff, onWords }: { isOff: boolean; onWords: (words: string) => void }): ReactNode {
  const words = useWords().scripts.talk;
  const [running, setRunning] = useState<Recording | null>(null);
  const understand = useMutation({
    mutationFn: async (recording: Recording) => {
      const heard = (await hear(await recording.stop())).trim();
      if (heard === "") throw new Error(words.heardNothing);
      return heard;
    },
    onSuccess: onWords,
  });
  const begin = useMutation({
    mutationFn: () =>
      record().catch(() => {
        throw new Error(words.noMicrophone);
      }),
    onSuccess: setRunning,
  });
  const press = (): void => {
    if (running === null) begin.mutate();
    else {
      setRunning(null);
      understand.mutate(running);
    }
  };
  return (
    <>
      <Button danger={running !== null} disabled={isOff} loading={understand.isPending || begin.isPending} onClick={press}>
        {running === null ? words.record : words.stop}
      </Button>
      <ProblemShown problem={begin.error ?? understand.error} />
    </>
  );
}
