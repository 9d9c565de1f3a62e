import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { lazy, Suspense, type ReactNode } from "react";
import { useLocation } from "wouter";

import { api, body } from "../api/client";
import { Problem } from "../api/problem";
import { WHO } from "../api/signed_in";
import { ProblemShown } from "../parts/ProblemShown";
import { Waiting } from "../parts/Waiting";
import { useWords } from "../words";
import type { Look } from "./look";
import { Frame } from "./Frame";

const SignIn = lazy(() => import("../pages/sign_in/SignIn"));
const ByLink = lazy(() => import("../pages/sign_in/ByLink"));
const ByProvider = lazy(() => import("../pages/sign_in/ByProvider"));

/** Whoever is signed in comes in; everybody else is asked who they are, and afterwards stands where they wanted to go. */
export function Door({ look }: { look: Look }): ReactNode {
  const words = useWords();
  const [path] = useLocation();
  const isByLink = path === "/sign-in" && location.hash.length > 1;
  const isByProvider = path === "/sign-in/oidc";
  const isComing = isByLink || isByProvider;
  const session = useQuery({ queryKey: WHO, queryFn: whoIsSignedIn, enabled: !isComing, staleTime: Infinity });
  const waits = <Waiting />;
  if (isComing) {
    return (
      <Suspense fallback={waits}>
        {isByLink ? <ByLink look={look} /> : <ByProvider look={look} />}
      </Suspense>
    );
  }
  if (session.isPending) return waits;
  if (session.isError) {
    return (
      <main className="alone">
        <ProblemShown problem={session.error} />
        <Button onClick={() => session.refetch()}>{words.doing.retry}</Button>
      </main>
    );
  }
  if (session.data === null) {
    return (
      <Suspense fallback={waits}>
        <SignIn look={look} />
      </Suspense>
    );
  }
  return <Frame who={session.data} look={look} />;
}

async function whoIsSignedIn() {
  try {
    return await body(api.GET("/api/v1/session"));
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 401) return null;
    throw problem;
  }
}
