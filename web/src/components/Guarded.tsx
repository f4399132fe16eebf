import { Component, type ReactNode } from "react";
import { messageOf } from "../api/errors";

interface State {
  error: string | null;
}

/** Says what went wrong when drawing the page fails, in place of an empty window. */
export class Guarded extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: messageOf(error) };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <main className="alone">
        <h1>The page broke</h1>
        <p className="bad" role="alert">
          {this.state.error}
        </p>
        <button type="button" className="main-button" onClick={() => location.reload()}>
          Load it again
        </button>
      </main>
    );
  }
}
