import { Modal } from "antd";
import { useSyncExternalStore, type ReactNode } from "react";

import { expiry, signedInAgain } from "../api/expiry";
import { becomes, type Who } from "../api/signed_in";
import { SignInForm } from "../pages/sign_in/SignInForm";
import { useWords } from "../words";

/** Asks who has just been signed out to sign in again in place; the page beneath keeps what was entered. */
export function Again({ who }: { who: Who }): ReactNode {
  const words = useWords();
  const isWaiting = useSyncExternalStore(expiry.subscribe, expiry.isWaiting);
  const giveUp = (): void => {
    signedInAgain(false);
    becomes(null);
  };
  return (
    <Modal
      open={isWaiting}
      title={words.signIn.again}
      onCancel={giveUp}
      cancelText={words.signIn.giveUp}
      okButtonProps={{ form: "again", htmlType: "submit" }}
      okText={words.signIn.go}
      mask={{ closable: false }}
      destroyOnHidden
    >
      <p>{words.signIn.againWhy}</p>
      <SignInForm
        id="again"
        name={who.name}
        onSignedIn={(somebody) => {
          becomes(somebody);
          signedInAgain(true);
        }}
      />
    </Modal>
  );
}
