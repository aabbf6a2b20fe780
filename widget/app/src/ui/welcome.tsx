// Before the clock runs: what will happen, what is recorded and why, and the one button that starts.
import type { ComponentChildren, ComponentProps, ComponentType, RefObject } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Session } from "../core/contract";
import type { WarmUp } from "../core/warm-up";
import { words } from "../words";
import { dateTime, duration, explain } from "./format";
import { CheckIcon, InfoIcon, TallyMark } from "./icons";
import type { WarmUpPanel } from "./warm-up";

interface WelcomeProps {
  session: Session;
  starting: boolean;
  problem: unknown;
  storageLasts: boolean;
  warmUp: () => Promise<WarmUp | null>;
  onStart: () => void;
}

export function Welcome({ session, starting, problem, storageLasts, warmUp, onStart }: WelcomeProps) {
  const { organization, candidate, task, assistant, sandbox } = session;
  const consent = useConsent();
  const warming = useWarmUp(session, warmUp, consent);
  const { open: panel } = warming;
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

      {panel ? (
        <panel.Panel
          warmUp={panel.warmUp}
          onDone={() => warming.leave(true)}
          onBack={() => warming.leave(false)}
        />
      ) : (
        <About session={session} />
      )}

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
        <StartForm
          session={session}
          starting={starting}
          problem={problem}
          consent={consent}
          button={warming.next}
          onStart={onStart}
        >
          {session.calibration && <WarmUpOffer warming={warming} />}
        </StartForm>
      </aside>
    </main>
  );
}

/** What will happen, and what is recorded. */
function About({ session }: { session: Session }) {
  return (
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
        {session.assessment.proctored && (
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
  );
}

interface Consent {
  agreed: boolean;
  /** Asked for, and not given. */
  missing: boolean;
  box: RefObject<HTMLInputElement | null>;
  set: (agreed: boolean) => void;
  /** Whether it is given; if not, says so and goes there. */
  require: () => boolean;
}

function useConsent(): Consent {
  const [agreed, set] = useState(false);
  const [asked, setAsked] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const require = () => {
    setAsked(true);
    if (!agreed) box.current?.focus();
    return agreed;
  };
  return { agreed, missing: asked && !agreed, box, set, require };
}

interface Warming {
  /** The open warm-up, with its code. */
  open: { warmUp: WarmUp; Panel: ComponentType<ComponentProps<typeof WarmUpPanel>> } | null;
  state: "offered" | "begun" | "opening" | "done";
  problem: string | null;
  begin: () => void;
  leave: (done: boolean) => void;
  /** The button that comes after it. */
  next: RefObject<HTMLButtonElement | null>;
}

/** The warm-up is recorded too: it begins with consent, and ends where that is taken back. */
function useWarmUp({ calibration }: Session, warmUp: WelcomeProps["warmUp"], consent: Consent): Warming {
  const [open, setOpen] = useState<Warming["open"]>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [opening, setOpening] = useState(false);
  const [begun, setBegun] = useState(calibration?.state === "open");
  const [done, setDone] = useState(calibration?.state === "closed");
  const next = useRef<HTMLButtonElement>(null);

  const load = async () => {
    setOpening(true);
    setProblem(null);
    try {
      const [held, { WarmUpPanel }] = await Promise.all([warmUp(), import("./warm-up")]);
      if (held) setOpen({ warmUp: held, Panel: WarmUpPanel });
    } catch {
      setProblem(words.problems.offline);
    }
    setOpening(false);
  };
  return {
    open: consent.agreed ? open : null,
    state: done ? "done" : opening ? "opening" : begun ? "begun" : "offered",
    problem,
    next,
    begin: () => {
      if (consent.require()) void load();
    },
    leave: (finished) => {
      setOpen(null);
      setDone(finished);
      setBegun(!finished && (open?.warmUp.conversation.exchanges.peek().length ?? 0) > 0);
      next.current?.focus();
    },
  };
}

function WarmUpOffer({ warming }: { warming: Warming }) {
  const { state, open, problem } = warming;
  return (
    <div class="warm-up-offer">
      <p>
        <strong>{words.warmUp.title}</strong> <span class="small muted">{words.warmUp.free}</span>
      </p>
      {state === "done" ? (
        <p class="small warm-up-finished" role="status">
          <CheckIcon /> {words.warmUp.finished}
        </p>
      ) : (
        <>
          <p class="small muted">{words.warmUp.offer}</p>
          {!open && (
            <button type="button" class="button" onClick={warming.begin} disabled={state === "opening"}>
              {state === "opening"
                ? words.warmUp.opening
                : state === "begun"
                  ? words.warmUp.resume
                  : words.warmUp.begin}
            </button>
          )}
        </>
      )}
      {problem && (
        <p class="field-error" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

interface StartFormProps extends Pick<WelcomeProps, "session" | "starting" | "problem" | "onStart"> {
  consent: Consent;
  button: RefObject<HTMLButtonElement | null>;
  /** What comes between consent and the start. */
  children?: ComponentChildren;
}

function StartForm({ session, starting, problem, consent, button, children, onStart }: StartFormProps) {
  const { agreed, missing, box } = consent;
  const submit = (event: Event) => {
    event.preventDefault();
    if (consent.require()) onStart();
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
          onChange={(event) => consent.set(event.currentTarget.checked)}
        />
        <span>{words.welcome.consent}</span>
      </label>
      {missing && (
        <p id="consent-missing" class="field-error" role="alert">
          {words.welcome.consentMissing}
        </p>
      )}
      {children}
      {problem !== null && (
        <p class="field-error" role="alert">
          {explain(problem)}
        </p>
      )}
      <button type="submit" class="button button-primary button-large" ref={button} disabled={starting}>
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
