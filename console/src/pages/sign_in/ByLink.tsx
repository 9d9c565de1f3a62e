import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useLocation } from "wouter";

import { api, body } from "../../api/client";
import { becomes, WHO, type Who } from "../../api/signed_in";
import { PasswordForm } from "../../parts/PasswordForm";
import { ProblemShown } from "../../parts/ProblemShown";
import { Waiting } from "../../parts/Waiting";
import type { Look } from "../../shell/look";
import { useWords } from "../../words";
import { Alone } from "./Alone";

/** Signs in with the token behind the `#`, which no server's log has seen, and asks for a password. */
export default function ByLink({ look }: { look: Look }): ReactNode {
  const words = useWords();
  const [, go] = useLocation();
  const token = location.hash.slice(1);
  const entered = useQuery({
    queryKey: [...WHO, "link", token],
    queryFn: () => enter(token),
    staleTime: Infinity,
    retry: false,
  });
  const goOn = (): void => {
    history.replaceState(null, "", "/sign-in");
    go("/", { replace: true });
  };
  if (entered.isPending) {
    return (
      <Alone title={words.signIn.byLink} look={look}>
        <Waiting />
      </Alone>
    );
  }
  if (entered.isError) {
    return (
      <Alone title={words.signIn.linkFailed} look={look}>
        <ProblemShown problem={entered.error} />
        <Button block onClick={goOn}>
          {words.signIn.toSignIn}
        </Button>
      </Alone>
    );
  }
  return (
    <Alone title={words.password.first(entered.data.name)} look={look}>
      <p>{words.password.firstWhy}</p>
      <PasswordForm
        who={entered.data}
        onChanged={(who) => {
          becomes(who);
          goOn();
        }}
      />
    </Alone>
  );
}

async function enter(token: string): Promise<Who> {
  const who = await body(api.POST("/api/v1/session/link", { body: { token } }));
  becomes(who);
  return who;
}
