import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Divider } from "antd";
import type { ReactNode } from "react";

import { api, body } from "../../api/client";
import { ProblemShown } from "../../parts/ProblemShown";
import { useWords } from "../../words";

/** The way over the company's provider, where there is one. */
export function Elsewhere(): ReactNode {
  const words = useWords();
  const ways = useQuery({
    queryKey: ["ways"],
    queryFn: () => body(api.GET("/api/v1/session/ways")),
    staleTime: Infinity,
  });
  const going = useMutation({
    mutationFn: () => body(api.POST("/api/v1/session/oidc", { body: { leads_to: wanted() } })),
    onSuccess: ({ address }) => location.assign(address),
  });
  const name = ways.data?.oidc;
  if (!name) return null;
  return (
    <>
      <Divider plain>{words.elsewhere.or}</Divider>
      <ProblemShown problem={going.error} />
      <Button block loading={going.isPending || going.isSuccess} onClick={() => going.mutate()}>
        {words.elsewhere.go(name)}
      </Button>
    </>
  );
}

/** The page somebody wanted before they were asked who they are. */
function wanted(): string {
  return location.pathname.startsWith("/sign-in") ? "/" : location.pathname + location.search;
}
