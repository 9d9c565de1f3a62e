import { App, Button } from "antd";
import type { ReactNode } from "react";

import { changeUser, makeLink, users, type User } from "../../api/users";
import { useWrite } from "../../parts/useWrite";
import { useWords } from "../../words";
import type { MadeLink } from "./UserTable";

interface Props {
  user: User;
  /** Nobody changes their own rights. */
  isMyself: boolean;
  onEdit: () => void;
  onLink: (made: MadeLink) => void;
}

export function UserActions({ user, isMyself, onEdit, onLink }: Props): ReactNode {
  const words = useWords();
  const { modal } = App.useApp();
  const change = useWrite(users.queryKey, (is_active: boolean) => changeUser(user, { is_active }));
  const link = useWrite(users.queryKey, () => makeLink(user.name));
  const confirm = (title: string, okText: string, onOk: () => void): void =>
    void modal.confirm({ title, okText, onOk, cancelText: words.doing.cancel });
  return (
    <span className="actions" role="group" aria-label={words.users.more(user.name)}>
      {!isMyself && (
        <Button size="small" onClick={onEdit}>
          {words.users.change}
        </Button>
      )}
      {user.is_active && (
        <Button
          size="small"
          onClick={() =>
            confirm(words.users.newLinkWhy(user.name), words.users.newLink, () =>
              link.mutate(undefined, { onSuccess: ({ token }) => onLink({ name: user.name, token }) }),
            )
          }
        >
          {words.users.newLink}
        </Button>
      )}
      {!isMyself && user.is_active && (
        <Button
          size="small"
          danger
          onClick={() => confirm(words.users.lockWhy(user.name), words.users.lock, () => change.mutate(false))}
        >
          {words.users.lock}
        </Button>
      )}
      {!isMyself && !user.is_active && (
        <Button size="small" onClick={() => change.mutate(true)}>
          {words.users.unlock}
        </Button>
      )}
    </span>
  );
}
