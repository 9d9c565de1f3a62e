import createClient from "openapi-fetch";

import { signInAgain } from "./expiry";
import { problemOf, unreachable } from "./problem";
import type { paths } from "./schema";
import { becomes, who, type Who } from "./signed_in";

/** The API, typed by its contract; whatever is no success is thrown as a `Problem`. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: ask });

/** The answer's body. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

async function ask(request: Request): Promise<Response> {
  if (request.method !== "GET" && !isFile(request)) request.headers.set("Idempotency-Key", crypto.randomUUID());
  const again = request.clone();
  const answer = await send(request);
  if (answer.ok) return answer;
  const problem = await problemOf(answer);
  const wasIn = who()?.name;
  if (problem.code === "sign-in" && wasIn !== undefined && (await signInAgain())) return settled(await send(again));
  if (problem.code === "csrf" && (await isStill(wasIn))) return settled(await send(again));
  throw problem;
}

/** A file's own bytes: known by their hash, and perhaps too many. */
const isFile = (request: Request): boolean => request.headers.get("Content-Type") === "application/octet-stream";

async function send(request: Request): Promise<Response> {
  const csrf = who()?.csrf;
  if (csrf && request.method !== "GET") request.headers.set("X-CSRF-Token", csrf);
  try {
    return await fetch(request);
  } catch {
    throw unreachable(isFile(request));
  }
}

async function settled(answer: Response): Promise<Response> {
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

/** Reads the session anew, after another window of this browser has signed in; true when it is the same person's. */
async function isStill(name: string | undefined): Promise<boolean> {
  const answer = await fetch("/api/v1/session");
  const found = answer.ok ? ((await answer.json()) as Who) : null;
  becomes(found);
  return found !== null && found.name === name;
}
