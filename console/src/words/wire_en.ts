import type { wire as chinese } from "./wire_zh";

/** Words of what passed on the wire. */
export const wire: typeof chinese = {
  title: "Signalling",
  none: "No message is kept (nothing was dialled, or it was before messages were kept).",
  after: "ms",
  us: "fairdial",
  line: "line",
  sent: "sent",
  came: "came",
};
