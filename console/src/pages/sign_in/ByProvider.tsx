import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, type ReactNode } from "react";
import { useLocation } from "wouter";

import { api, body } from "../../api/client";
import { becomes, WHO } from "../../api/signed_in";
import { ProblemShown } from "../../parts/ProblemShown";
import { Waiting } from "../../parts/Waiting";
import type { Look } from "../../shell/look";
import { useWords } from "../../words";
import { Alone } from "./Alone";

/** Where the provider sends the browser: its answer is brought to the API, which takes it once. */
export default function ByProvider({ look }: { look: Look }): ReactNode {
  const words = useWords();
  const [, go] = useLocation();
  const answer = location.search;
  const entered = useQuery({
    queryKey: [...WHO, "provider", answer],
    queryFn: () => bring(new URLSearchParams(answer)),
    staleTime: Infinity,
    retry: false,
  });
  useEffect(() => {
    if (entered.data === undefined) return;
    becomes(entered.data.who);
    go(entered.data.leads_to, { replace: true });
  }, [entered.data, go]);
  if (!entered.isError) {
    return (
      <Alone title={words.elsewhere.entering} look={look}>
        <Waiting />
      </Alone>
    );
  }
  return (
    <Alone title={words.elsewhere.failed} look={look}>
      <ProblemShown problem={entered.error} />
      <Button block onClick={() => go("/", { replace: true })}>
        {words.elsewhere.again}
      </Button>
    </Alone>
  );
}

function bring(answer: URLSearchParams) {
  const { code, error, iss } = { code: answer.get("code"), error: answer.get("error"), iss: answer.get("iss") };
  return body(api.POST("/api/v1/session/oidc/answer", { body: { state: answer.get("state") ?? "-", code, error, iss } }));
}
