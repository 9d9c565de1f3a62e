import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState, type ReactNode } from "react";

import type { Who } from "../../api/signed_in";
import { addUser, changeUser, users, type Role, type User } from "../../api/users";
import { ShownOnce } from "../../parts/ShownOnce";
import { Table } from "../../parts/Table";
import { Mark } from "../../parts/Tone";
import { useWrite } from "../../parts/useWrite";
import { useWords } from "../../words";
import { useFigures } from "../../words/figures";
import { useTold } from "../../words/told";
import { Reads } from "./Reads";
import { UserActions } from "./UserActions";
import { UserForm } from "./UserForm";

/** Who is edited: somebody new, somebody known, or nobody. */
type Edited = { new: true } | { new: false; user: User } | undefined;

export interface MadeLink {
  name: string;
  token: string;
}

export function UserTable({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const { time } = useFigures();
  const told = useTold();
  const all = useQuery(users);
  const [edited, setEdited] = useState<Edited>();
  const [made, setMade] = useState<MadeLink>();
  const save = useWrite(users.queryKey, (entered: { name: string; roles: Role[] }) => saved(edited, entered), true);
  const close = (): void => {
    setEdited(undefined);
    save.reset();
  };
  return (
    <section>
      <div className="heading">
        <h2>{words.users.users}</h2>
        <Button type="primary" onClick={() => setEdited({ new: true })}>
          {words.users.add}
        </Button>
      </div>
      <Table
        caption={words.users.users}
        rows={all.data}
        problem={all.error}
        empty={words.users.empty}
        keyOf={(user) => user.name}
        columns={[
          {
            title: words.users.name,
            shows: (user) => (
              <>
                {user.name} {user.name === who.name && <Mark>{words.users.you}</Mark>}
              </>
            ),
          },
          { title: words.users.roles, shows: (user) => user.roles.map((role) => words.names.roles[role]).join(" · ") },
          { title: words.users.reads, shows: (user) => <Reads user={user} isMyself={user.name === who.name} /> },
          { title: words.users.state, shows: (user) => <State user={user} /> },
          { title: words.users.factor, shows: (user) => (user.has_totp ? words.users.on : words.users.off) },
          { title: words.users.made, shows: (user) => words.users.by(told(user.made_by), time(user.made_at)) },
          {
            title: words.doing.title,
            shows: (user) => (
              <UserActions
                user={user}
                isMyself={user.name === who.name}
                onEdit={() => setEdited({ new: false, user })}
                onLink={setMade}
              />
            ),
          },
        ]}
      />
      {edited !== undefined && (
        <UserForm
          user={edited.new ? undefined : edited.user}
          problem={save.error}
          isSaving={save.isPending}
          onCancel={close}
          onSave={(entered) =>
            save.mutate(entered, {
              onSuccess: (link) => {
                close();
                setMade(link);
              },
            })
          }
        />
      )}
      <ShownOnce
        title={words.users.link(made?.name ?? "")}
        why={words.users.linkWhy}
        secret={made && `${location.origin}/sign-in#${made.token}`}
        onClose={() => setMade(undefined)}
      />
    </section>
  );
}

async function saved(edited: Edited, { name, roles }: { name: string; roles: Role[] }): Promise<MadeLink | undefined> {
  if (edited === undefined || edited.new) return { name, ...(await addUser(name, roles)) };
  await changeUser(edited.user, { roles });
  return undefined;
}

function State({ user }: { user: User }): ReactNode {
  const { users: words, elsewhere } = useWords();
  if (!user.is_active) return <Mark tone="bad">{words.shutOut}</Mark>;
  if (user.has_oidc) return <Mark tone="good">{elsewhere.linked}</Mark>;
  return user.has_password ? <Mark tone="good">{words.active}</Mark> : <Mark tone="wait">{words.noPassword}</Mark>;
}
