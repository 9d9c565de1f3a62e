import { named, useWords } from "../../words";
import { ANYWHERE, type Place, type Way } from "./canvas/script_read";

export interface Names {
  way: (way: Way) => string;
  place: (name: string) => string;
  /** What a place shows beneath its name. */
  kind: (place: Place) => string;
}

/** What ways and places are called on the screen. */
export function useNames(): Names {
  const { names, scripts } = useWords();
  const { step, graph } = scripts;
  return {
    way: ({ kind, on }) => {
      if (kind === "heard") return named(names.meanings, on);
      if (kind === "slot") return step.slot(on);
      if (kind === "arm") return step.arm(on);
      return kind === "asked" ? step.asked(on) : step[kind];
    },
    place: (name) => (name === ANYWHERE ? graph.anywhere : name),
    kind: ({ kind }) => (kind === "step" ? "" : graph[kind]),
  };
}
