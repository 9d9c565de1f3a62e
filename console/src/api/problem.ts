import type { components } from "./schema";

type ProblemDocument = components["schemas"]["Problem"];

/** What the server says went wrong, with the remedy; `code` is stable. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: readonly string[];
  /** The whole document: some problems bring more than a sentence. */
  readonly told: Readonly<Record<string, unknown>>;

  constructor(told: ProblemDocument) {
    super(told.detail);
    this.code = told.type.slice(told.type.lastIndexOf(":") + 1);
    this.status = told.status;
    this.told = { ...told };
    this.fields = (told.errors ?? []).map((one) => `${one["field"] ?? ""}: ${one["detail"] ?? ""}`);
  }
}

/** Reads the problem out of an answer; one that is no problem document comes from something between us and the server. */
export async function problemOf(answer: Response): Promise<Problem> {
  if (answer.headers.get("content-type")?.startsWith("application/problem+json")) {
    try {
      return new Problem((await answer.clone().json()) as ProblemDocument);
    } catch {
      // A server that reads no further may cut the line while the browser still sends.
    }
  }
  return new Problem({
    type: "urn:fairdial:problem:elsewhere",
    title: answer.statusText,
    status: answer.status,
    detail: answer.status === 413 ? TOO_LARGE : `the server answered ${answer.status}; try again shortly 服务暂时不可用,请稍后重试`,
  });
}

const TOO_LARGE = "this is too large for the server; split the file 文件过大,请拆分后再上传";
const UNREACHABLE = "the server cannot be reached; is it running? 无法连接服务器,请检查网络或服务是否已启动";

const NOT_ARRIVED =
  "the file did not arrive: the server cannot be reached, or the file is too large for it; split it 文件没有送达:无法连接服务器,或文件过大,请拆分后再上传";

/** The request never got an answer; of a file the server may have read no further. */
export function unreachable(isFile = false): Problem {
  return new Problem({ type: "urn:fairdial:problem:unreachable", title: "", status: 0, detail: isFile ? NOT_ARRIVED : UNREACHABLE });
}
