// The workspace: brief, code, output and assistant, arranged for the space there is.
import "./styles";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Attempt } from "../../core/attempt";
import type { Clock } from "../../core/clock";
import { words } from "../../words";
import { Assistant } from "./assistant";
import { Banners } from "./banners";
import { Brief } from "./brief";
import { CodePanel } from "./code-panel";
import { Desk, type Panel } from "./desk";
import { OutputPanel } from "./output-panel";
import { Splitter } from "./splitter";
import { SubmitDialog } from "./submit-dialog";
import { Tabs } from "./tabs";
import { TopBar } from "./top-bar";

export interface WorkspaceProps {
  attempt: Attempt;
  clock: Clock;
  problem: unknown;
  lostEdits: boolean;
  onDismiss: () => void;
  onSubmit: () => void;
}

const resize = (panel: Panel) => words.work.resize(words.work[panel]);

export function WorkspaceScreen({ attempt, clock, problem, lostEdits, onDismiss, onSubmit }: WorkspaceProps) {
  const desk = useMemo(() => new Desk(attempt), [attempt]);
  const [asking, setAsking] = useState(false);
  const grid = useRef<HTMLDivElement>(null);
  const layout = desk.layout.value;
  const panel = layout === "medium" && desk.panel.value !== "assistant" ? "brief" : desk.panel.value;

  useEffect(() => {
    document.title = attempt.session.task.title;
    return () => desk.detach();
  }, [desk, attempt]);

  return (
    <div class="workspace" data-layout={layout} data-panel={panel}>
      <TopBar attempt={attempt} clock={clock} onSubmit={() => setAsking(true)} />
      <Banners attempt={attempt} desk={desk} problem={problem} lostEdits={lostEdits} onDismiss={onDismiss} />
      {/* All parts stay in the page, whatever is on show: the editor and a half-written message must survive. */}
      <main class="stage" inert={attempt.paused.value}>
        <div class="panels" ref={grid}>
          {layout === "medium" && <PanelTabs desk={desk} panels={["brief", "assistant"]} active={panel} />}
          <section class="panel panel-brief" id="panel-brief" aria-label={words.work.brief}>
            <Brief source={attempt.session.task.brief ?? ""} titled={layout === "wide"} />
          </section>
          <Splitter container={grid} name="left" label={resize("brief")} initial={320} min={220} max={640} />
          <div class="centre">
            <section class="panel panel-code" id="panel-code" aria-label={words.work.code}>
              <CodePanel attempt={attempt} desk={desk} />
            </section>
            <Splitter
              container={grid}
              name="bottom"
              label={resize("output")}
              initial={210}
              min={96}
              max={520}
              vertical
            />
            <section class="panel panel-output" id="panel-output" aria-label={words.work.output}>
              <OutputPanel attempt={attempt} desk={desk} />
            </section>
          </div>
          <Splitter
            container={grid}
            name="right"
            label={resize("assistant")}
            initial={360}
            min={260}
            max={640}
            fromEnd
          />
          <section class="panel panel-assistant" id="panel-assistant" aria-label={words.work.assistant}>
            <Assistant attempt={attempt} desk={desk} titled={layout === "wide"} />
          </section>
        </div>
        {layout === "narrow" && (
          <PanelTabs desk={desk} panels={["brief", "code", "output", "assistant"]} active={panel} />
        )}
      </main>
      <p class="visually-hidden" aria-live="polite">
        {desk.said}
      </p>
      {asking && (
        <SubmitDialog
          attempt={attempt}
          clock={clock}
          onCancel={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            onSubmit();
          }}
        />
      )}
    </div>
  );
}

function PanelTabs({ desk, panels, active }: { desk: Desk; panels: Panel[]; active: Panel }) {
  return (
    <Tabs
      class="panel-tabs"
      label={words.work.panels}
      tabs={panels.map((id) => ({ id, label: words.work[id], controls: `panel-${id}` }))}
      active={active}
      onSelect={(id) => desk.reveal(id)}
    />
  );
}
