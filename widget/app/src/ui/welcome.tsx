// Before the clock runs: what will happen, what is recorded and why, and the one button that starts.
import { useRef, useState } from "preact/hooks";
import type { Session } from "../core/contract";
import { words } from "../words";
import { dateTime, duration, explain } from "./format";
import { InfoIcon, TallyMark } from "./icons";

interface WelcomeProps {
  session: Session;
  starting: boolean;
  problem: unknown;
  storageLasts: boolean;
  onStart: () => void;
}

export function Welcome({ session, starting, problem, storageLasts, onStart }: WelcomeProps) {
  const { organization, candidate, task, assistant, sandbox, assessment } = session;
  return (
    <main class="welcome">
      <header class="welcome-head">
        <p class="eyebrow">
          <TallyMark size={18} /> {words.welcome.invitedBy(organization.name)}
        </p>
        <h1>{task.title}</h1>
        <p class="lead">
          {words.welcome.hello(candidate.full_name)} {task.summary}
        </p>
      </header>

      <div class="welcome-body">
        <section aria-labelledby="how">
          <h2 id="how">{words.welcome.howTitle}</h2>
          <ol class="steps">
            {words.welcome.how.map(([title, text]) => (
              <li key={title}>
                <strong>{title}</strong>
                <span>{text}</span>
              </li>
            ))}
          </ol>
        </section>

        <section aria-labelledby="recorded">
          <h2 id="recorded">{words.welcome.recordedTitle}</h2>
          <dl class="recorded">
            {session.recorded.map(({ what, why }) => (
              <div key={what}>
                <dt>{what}</dt>
                <dd>{why}</dd>
              </div>
            ))}
          </dl>
          {assessment.proctored && (
            <Notice title={words.welcome.proctoredTitle} tone="warning">
              {words.welcome.proctored}
            </Notice>
          )}
        </section>

        <section aria-labelledby="keep">
          <h2 id="keep">{words.welcome.keepTitle}</h2>
          <p>{words.welcome.keep}</p>
        </section>
      </div>

      <aside class="welcome-card">
        <dl class="facts">
          <Fact name={words.welcome.time} value={duration(task.duration_seconds)} />
          <Fact
            name={task.languages.length === 1 ? words.welcome.language : words.welcome.languages}
            value={task.languages.map(languageName).join(", ")}
          />
          <Fact name={words.welcome.assistant} value={assistant.name} />
        </dl>
        {assistant.notice && <Notice>{assistant.notice}</Notice>}
        {!sandbox.available && <Notice tone="warning">{sandbox.reason ?? words.run.unavailable}</Notice>}
        {!storageLasts && <Notice tone="warning">{words.welcome.noStorage}</Notice>}
        <StartForm session={session} starting={starting} problem={problem} onStart={onStart} />
      </aside>
    </main>
  );
}

function StartForm({ session, starting, problem, onStart }: Omit<WelcomeProps, "storageLasts">) {
  const [agreed, setAgreed] = useState(false);
  const [asked, setAsked] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const missing = asked && !agreed;

  const submit = (event: Event) => {
    event.preventDefault();
    setAsked(true);
    if (agreed) onStart();
    else box.current?.focus();
  };

  return (
    <form class="start" onSubmit={submit} noValidate>
      <label class="consent">
        <input
          ref={box}
          type="checkbox"
          required
          checked={agreed}
          aria-invalid={missing}
          aria-describedby={missing ? "consent-missing" : undefined}
          onChange={(event) => setAgreed(event.currentTarget.checked)}
        />
        <span>{words.welcome.consent}</span>
      </label>
      {missing && (
        <p id="consent-missing" class="field-error" role="alert">
          {words.welcome.consentMissing}
        </p>
      )}
      {problem !== null && (
        <p class="field-error" role="alert">
          {explain(problem)}
        </p>
      )}
      <button type="submit" class="button button-primary button-large" disabled={starting}>
        {starting ? words.welcome.starting : words.welcome.start}
      </button>
      <p class="small muted">{words.welcome.clock(duration(session.task.duration_seconds))}</p>
      <p class="small muted">{words.welcome.openUntil(dateTime(session.assessment.expires_at))}</p>
    </form>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

interface NoticeProps {
  title?: string;
  tone?: "info" | "warning";
  children: string;
}

function Notice({ title, tone = "info", children }: NoticeProps) {
  return (
    <div class="notice" data-tone={tone}>
      <InfoIcon />
      <p>
        {title && <strong>{title}. </strong>}
        {children}
      </p>
    </div>
  );
}

const NAMES: Record<string, string> = {
  python: "Python",
  javascript: "JavaScript",
  typescript: "TypeScript",
  java: "Java",
  go: "Go",
  rust: "Rust",
  cpp: "C++",
  c: "C",
  sql: "SQL",
  ruby: "Ruby",
  bash: "Shell",
};

const languageName = (slug: string): string => NAMES[slug] ?? slug;
