import { App } from "antd";
import type { ReactNode } from "react";

import { becomes, type Who } from "../../api/signed_in";
import { Card } from "../../parts/Card";
import { Facts } from "../../parts/Facts";
import { PasswordForm } from "../../parts/PasswordForm";
import { named, useWords } from "../../words";
import { SecondFactor } from "./SecondFactor";

export default function Account({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const { message } = App.useApp();
  return (
    <>
      <h1>{words.account.title}</h1>
      <Facts
        facts={[
          [words.signIn.name, who.name],
          [words.account.tenant, who.tenant],
          [words.account.roles, who.roles.map((role) => named(words.names.roles, role)).join(" · ")],
        ]}
      />
      <div className="cards wide">
        <Card>
          <h2>{words.password.change}</h2>
          <PasswordForm
            who={who}
            onChanged={(somebody) => {
              becomes(somebody);
              void message.success(words.password.changed);
            }}
          />
        </Card>
        <Card>
          <h2>{words.factor.title}</h2>
          <SecondFactor who={who} />
        </Card>
      </div>
    </>
  );
}
