import type { LifeWords } from "./life_zh";

export const life: LifeWords = {
  states: { draft: "Draft", checked: "Checked", approved: "Approved", running: "Running", paused: "Paused", finished: "Finished" },
  pause: "Pause",
  pauseWhy: "No new call is started from now on, on whatever machine it runs; calls under way go on to their end.",
  resume: "Resume",
  finish: "Finish",
  finishWhy: "The campaign ends for good and calls nobody any more; whoever is left needs another campaign.",
  found: "What a check found",
  held: {
    not_running: "it does not run",
    not_started: "it has not begun",
    stopped: "its stop time has passed",
    daily_limit: "today's calls are spent",
    total_limit: "its calls are spent",
  },
  until: (time) => `until ${time}`,
};
