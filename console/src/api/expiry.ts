/** A session that ended under somebody's hands: requests wait here until they have signed in again. */

let waiting: Waiting | undefined;
const listeners = new Set<() => void>();

function tell(): void {
  listeners.forEach((listener) => listener());
}

/** Resolves once the same person has signed in again; false when they gave up. */
export function signInAgain(): Promise<boolean> {
  if (waiting === undefined) {
    waiting = withResolvers();
    tell();
  }
  return waiting.promise;
}

export function signedInAgain(isBack: boolean): void {
  waiting?.resolve(isBack);
  waiting = undefined;
  tell();
}

export const expiry = {
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  isWaiting: (): boolean => waiting !== undefined,
};

interface Waiting {
  promise: Promise<boolean>;
  resolve: (isBack: boolean) => void;
}

function withResolvers(): Waiting {
  let resolve!: (value: boolean) => void;
  const promise = new Promise<boolean>((given) => (resolve = given));
  return { promise, resolve };
}
