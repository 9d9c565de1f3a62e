import { useMutation } from "@tanstack/react-query";
import { Button, Form } from "antd";
import { useState, type ReactNode } from "react";

import { find } from "../../api/people";
import type { Who } from "../../api/signed_in";
import { NumberField } from "../../parts/NumberField";
import { ProblemShown } from "../../parts/ProblemShown";
import { useWords } from "../../words";
import { Found } from "./Found";
import { PersonActions } from "./PersonActions";

/** "Why was I called?" — a person by their number, which stands in no address and in no history of the browser. */
export default function People({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const [number, setNumber] = useState("");
  const found = useMutation({ mutationFn: find });
  return (
    <>
      <h1>{words.people.title}</h1>
      <Form<{ number: string }>
        layout="vertical"
        className="search"
        onFinish={(entered) => {
          setNumber(entered.number);
          found.mutate(entered.number);
        }}
      >
        <NumberField />
        <Button type="primary" htmlType="submit" loading={found.isPending}>
          {words.people.find}
        </Button>
      </Form>
      <ProblemShown problem={found.error} />
      {found.data && (
        <>
          <PersonActions who={who} number={number} onErased={() => found.mutate(number)} />
          <Found person={found.data} />
        </>
      )}
    </>
  );
}
