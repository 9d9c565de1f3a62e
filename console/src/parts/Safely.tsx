import { Button } from "antd";
import { Component, type ReactNode } from "react";

import { useWords } from "../words";

/** A page that fails says so; the rest of the console stays. */
export class Safely extends Component<{ children: ReactNode }, { failure: Error | null }> {
  override state: { failure: Error | null } = { failure: null };

  static getDerivedStateFromError(failure: Error): { failure: Error } {
    return { failure };
  }

  override render(): ReactNode {
    return this.state.failure === null ? this.props.children : <Broken failure={this.state.failure} />;
  }
}

function Broken({ failure }: { failure: Error }): ReactNode {
  const words = useWords();
  return (
    <div role="alert">
      <h1>{words.refused.broken}</h1>
      <p>{failure.message}</p>
      <Button onClick={() => location.reload()}>{words.refused.reload}</Button>
    </div>
  );
}
