// Running the code and its tests: starts one, shows its output as it comes, and picks it up after a reload.
import { computed, signal } from "@preact/signals-core";
import { ApiError, newKey, type Send } from "./api";
import { type Execution, isOver } from "./contract";
import { follow } from "./stream";

export interface Output {
  stream: "stdout" | "stderr";
  text: string;
}

export interface Run {
  execution: Execution;
  output: Output[];
  /** The revision of the workspace that it saw, if this page started it. A later one makes it a thing of the past. */
  revision: number | null;
}

/** Beyond this a browser tab becomes slow. The server cuts earlier; this is the belt to its braces. */
const MAX_CHARS = 400_000;

export interface RunsOptions {
  send: Send;
  executions: Execution[];
  /** Brings the edits to the server. */
  settle: () => Promise<unknown>;
  /** The present revision of the workspace. */
  revision: () => number;
}

export class Runs {
  /** The run on show: the latest. */
  readonly latest = signal<Run | null>(null);
  /** The latest complete test run, kept while other runs come and go. */
  readonly tested = signal<Run | null>(null);
  readonly starting = signal<"run" | "test" | null>(null);
  readonly running = computed(() => {
    const run = this.latest.value;
    return run && !isOver(run.execution.state) ? run.execution : null;
  });
  readonly #stopped = new AbortController();

  constructor(private readonly options: RunsOptions) {
    const past = [...options.executions].sort((a, b) => a.created_at.localeCompare(b.created_at));
    const tests = past.findLast(({ kind, state }) => kind === "test" && isOver(state));
    if (tests) this.tested.value = settled(tests);
    const last = past.at(-1);
    if (!last) return;
    this.latest.value = settled(last);
    if (!isOver(last.state)) void this.#follow({ execution: last, output: [], revision: null });
  }

  async start(kind: "run" | "test", path: string, stdin: string): Promise<void> {
    if (this.starting.value || this.running.value) return;
    this.starting.value = kind;
    try {
      const revision = this.options.revision();
      await this.options.settle();
      const response = await this.options.send("POST", "/session/execute", {
        idempotencyKey: newKey(),
        body: { kind, path, stdin },
      });
      const { execution } = (await response.json()) as { execution: Execution };
      const run: Run = { execution, output: [], revision };
      this.latest.value = run;
      void this.#follow(run);
    } finally {
      this.starting.value = null;
    }
  }

  async cancel(): Promise<void> {
    const execution = this.running.peek();
    if (execution) await this.options.send("POST", `/session/executions/${execution.id}/cancel`);
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #follow(run: Run): Promise<void> {
    let { output } = run;
    let chars = 0;
    try {
      const execution = await follow<Execution>({
        send: this.options.send,
        path: `/session/executions/${run.execution.id}`,
        key: "execution",
        signal: this.#stopped.signal,
        onChunk: (chunk) => {
          if (chunk.type !== "stdout" && chunk.type !== "stderr") return;
          chars += chunk.text.length;
          if (chars > MAX_CHARS) return;
          output = append(output, chunk.type, chunk.text);
          this.latest.value = { ...run, execution: { ...run.execution, state: "running" }, output };
        },
      });
      const final: Run = {
        ...run,
        execution,
        output: output.length > 0 ? output : settled(execution).output,
      };
      this.latest.value = final;
      if (execution.kind === "test") this.tested.value = final;
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      const { code, message } = error instanceof ApiError ? error : { code: "unexpected", message: "" };
      const execution: Execution = { ...run.execution, state: "failed", error: { code, message } };
      this.latest.value = { ...run, execution, output };
    }
  }
}

function append(output: Output[], stream: Output["stream"], text: string): Output[] {
  const last = output.at(-1);
  if (last?.stream !== stream) return [...output, { stream, text }];
  return output.with(-1, { stream, text: last.text + text });
}

function settled(execution: Execution): Run {
  return {
    execution,
    output: execution.output ? [{ stream: "stdout", text: execution.output }] : [],
    revision: null,
  };
}
