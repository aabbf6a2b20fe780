// Catches what a page threw while drawing, so that one broken page does not take the app with it.
import { Component, type ReactNode } from "react";
import { Button } from "@/ui/Button";
import { ErrorMessage } from "@/ui/states";

interface Props {
  children: ReactNode;
  /** A new value clears the error: the next page deserves its own chance. */
  place?: string;
}

interface State {
  error: unknown;
  place: string | undefined;
}

export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, place: this.props.place };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.place === state.place ? null : { error: null, place: props.place };
  }

  override render() {
    if (this.state.error == null) return this.props.children;
    return (
      <div className="flex flex-col items-start gap-4 p-4">
        <ErrorMessage
          error={this.state.error}
          title="This page broke while it was drawn"
          onRetry={() => this.setState({ error: null })}
        />
        {/* After an update, the files that an open page still asks for are gone: only a reload helps. */}
        <Button onClick={() => location.reload()}>Reload TALI</Button>
      </div>
    );
  }
}
