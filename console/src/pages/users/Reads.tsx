import { Select } from "antd";
import type { ReactNode } from "react";

import { setLevel, users, type User } from "../../api/users";
import { useWrite } from "../../parts/useWrite";
import { useWords } from "../../words";

const LEVELS = ["general", "private", "sensitive"] as const;

/** How much somebody may read of what is known of people; nobody gives themselves more. */
export function Reads({ user, isMyself }: { user: User; isMyself: boolean }): ReactNode {
  const words = useWords().users;
  const setting = useWrite(users.queryKey, (level: User["reads"]) => setLevel(user.name, level));
  if (isMyself) return words.levels[user.reads];
  return (
    <Select
      aria-label={words.readsOf(user.name)}
      className="level"
      value={user.reads}
      loading={setting.isPending}
      popupMatchSelectWidth={false}
      options={LEVELS.map((value) => ({ value, label: words.levels[value] }))}
      onChange={(level) => setting.mutate(level)}
    />
  );
}
