// What can go wrong with a request, as one error class that pages can show and forms can spread over their fields.

export type FieldErrors = Record<string, string[]>;

interface ProblemBody {
  code: string;
  message: string;
  errors?: FieldErrors;
  state?: string;
  assessment_id?: string | null;
}

export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: string;
  readonly status: number;
  readonly fields: FieldErrors;
  /** The state that won a lost race, where the answer is a 409 about one. */
  readonly state: string | undefined;
  /** The assessment that is in the way, where the answer names one. */
  readonly assessmentId: string | undefined;

  constructor(status: number, body: ProblemBody) {
    super(body.message);
    this.status = status;
    this.code = body.code;
    this.fields = body.errors ?? {};
    this.state = body.state;
    this.assessmentId = body.assessment_id ?? undefined;
  }
}

/** No answer came, or none that the API could have written (a proxy's page, for instance). */
export const unreachable = (status = 0) =>
  new Problem(status, {
    code: "unreachable",
    message: "TALI cannot be reached. Check your connection, then try again.",
  });

export function problemFrom(status: number, body: unknown): Problem {
  if (isProblemBody(body)) return new Problem(status, body);
  return unreachable(status);
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, {
    code: "unexpected",
    message: error instanceof Error ? error.message : "Something unexpected happened.",
  });
}

/** Whether trying the same request again could end differently. */
export const isTransient = (error: unknown) =>
  error instanceof Problem && (error.status === 0 || error.status >= 500);

function isProblemBody(body: unknown): body is ProblemBody {
  if (typeof body !== "object" || body === null) return false;
  const { code, message } = body as Partial<Record<keyof ProblemBody, unknown>>;
  return typeof code === "string" && typeof message === "string";
}
