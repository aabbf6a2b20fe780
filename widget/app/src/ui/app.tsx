// Chooses the screen for where the candidate is.
import { useSignalEffect } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Visit } from "../core/session";
import { words } from "../words";
import { Closed, Done, Failed, Opening, Reopen, Submitting, TakenOver } from "./pages";
import { Welcome } from "./welcome";
import type { WorkspaceProps } from "./workspace/workspace";

export interface AppProps {
  visit: Visit;
  storageLasts: boolean;
  framed: boolean;
}

/** Fetch the editor's code. Called early, while the candidate still reads. */
const loadWorkspace = () =>
  Promise.all([import("./workspace/workspace"), import("../core/attempt")]).then(
    ([{ WorkspaceScreen }]) => WorkspaceScreen,
  );

export function App({ visit, storageLasts, framed }: AppProps) {
  const phase = visit.phase.value;
  useSignalEffect(() => {
    const { value } = visit.phase;
    if (value.at === "welcome") document.title = value.session.task.title;
  });
  useEffect(() => {
    if (phase.at !== "welcome") return;
    const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 200));
    idle(() => void loadWorkspace().catch(() => {}));
  }, [phase.at]);

  switch (phase.at) {
    case "opening":
      return <Opening />;
    case "welcome":
      return (
        <Welcome
          {...phase}
          storageLasts={storageLasts}
          warmUp={() => visit.warmUp()}
          onStart={() => void visit.start()}
        />
      );
    case "working":
      return (
        <Lazy
          attempt={phase.attempt}
          clock={visit.clock}
          problem={phase.problem}
          lostEdits={phase.lostEdits}
          onDismiss={() => visit.dismissProblem()}
          onSubmit={() => void visit.submit()}
        />
      );
    case "submitting":
      return <Submitting {...phase} onBack={() => visit.backToWork()} />;
    case "done":
      return <Done session={phase.session} />;
    case "closed":
      return <Closed because={phase.because} />;
    case "reopen":
      return <Reopen problem={phase.problem} framed={framed} onRetry={() => void visit.open()} />;
    case "taken_over":
      return <TakenOver busy={phase.busy} onTakeOver={() => void visit.takeOver()} />;
    case "failed":
      return <Failed problem={phase.problem} onRetry={() => void visit.open()} />;
  }
}

/** The workspace, once its code is here. */
function Lazy(props: WorkspaceProps) {
  const [Screen, setScreen] = useState<ComponentType<WorkspaceProps> | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  useEffect(() => {
    if (Screen || failed) return;
    loadWorkspace().then(
      (loaded) => setScreen(() => loaded),
      (error) => setFailed(error ?? new Error(words.failed.title)),
    );
  }, [Screen, failed]);
  // A chunk that a newer deployment replaced, or a network that is gone: a reload brings the work back.
  if (failed) return <Failed problem={failed} onRetry={() => location.reload()} />;
  return Screen ? <Screen {...props} /> : <Opening />;
}
