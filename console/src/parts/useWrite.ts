import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";
import { App } from "antd";

import { Problem } from "../api/problem";
import { useWords } from "../words";

/** A write after which what was read of `about` (first words of query keys) is read anew, also when somebody else was faster; a problem that no form shows is told on the spot. */
export function useWrite<Asked, Answer>(
  about: readonly string[],
  write: (asked: Asked) => Promise<Answer>,
  isShownByForm = false,
): UseMutationResult<Answer, Error, Asked> {
  const known = useQueryClient();
  const words = useWords();
  const { modal } = App.useApp();
  const readAnew = () =>
    known.invalidateQueries({ predicate: ({ queryKey }) => about.includes(String(queryKey[0])) });
  return useMutation({
    mutationFn: write,
    onSuccess: readAnew,
    onError: (problem) => {
      if (problem instanceof Problem && problem.code === "changed") void readAnew();
      if (!isShownByForm) modal.error({ title: problem.message, okText: words.doing.close });
    },
  });
}
