import type { ReactNode } from "react";

import { becomes } from "../../api/signed_in";
import type { Look } from "../../shell/look";
import { useWords } from "../../words";
import { Alone } from "./Alone";
import { Elsewhere } from "./Elsewhere";
import { SignInForm } from "./SignInForm";

export default function SignIn({ look }: { look: Look }): ReactNode {
  const words = useWords();
  return (
    <Alone title={words.signIn.title} look={look}>
      <SignInForm onSignedIn={becomes} />
      <Elsewhere />
      <p className="quiet">{words.signIn.forgot}</p>
    </Alone>
  );
}
