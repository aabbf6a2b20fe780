// Holds the types by hand (types.ts, report.ts) against those that the server's OpenAPI document gives (schema.d.ts): `npm run
// check` fails where an answer is not what the pages were written for, or a request not what the server takes.
// The types by hand are kept because they say more: which words a state can be, and what a field means.

import type * as R from "./report";
import type { components } from "./schema";
import type * as T from "./types";

type Server = components["schemas"];

/** Words widen to text, since the document does not list all of them; what it leaves open fits anything. */
type Widened<Value> = unknown extends Value
  ? // biome-ignore lint/suspicious/noExplicitAny: the one type that fits on both sides.
    any
  : Value extends string
    ? string
    : Value extends number | boolean | null | undefined
      ? Value
      : Value extends readonly (infer Item)[]
        ? Widened<Item>[]
        : { [Key in keyof Value]: Widened<Value[Key]> };

/** The fields of `Wanted` that `Given` lacks, or has in another shape. */
type Misfits<Given, Wanted> = {
  [Key in keyof Wanted]-?: Key extends keyof Given
    ? unknown extends Given[Key]
      ? never
      : Widened<Given[Key]> extends Widened<Wanted[Key]>
        ? never
        : Key
    : undefined extends Wanted[Key]
      ? never
      : Key;
}[keyof Wanted];

/** Answers: all that the pages read, the server gives. */
type Answers = {
  session: Misfits<Server["Session"], T.Session>;
  organization: Misfits<Server["Organization"], T.Organization>;
  spending: Misfits<Server["Spending"], T.Spending>;
  apiKey: Misfits<Server["ApiKey"], T.ApiKey>;
  createdApiKey: Misfits<Server["NewApiKey"], T.CreatedApiKey>;
  provider: Misfits<Server["Provider"], T.Provider>;
  pluginState: Misfits<Server["Plugin"], T.PluginState>;
  joinView: Misfits<Server["InvitationView"], T.JoinView>;
  member: Misfits<Server["Member"], T.Member>;
  userInvitation: Misfits<Server["UserInvitation"], T.UserInvitation>;
  notification: Misfits<Server["Notification"], T.Notification>;
  auditEntry: Misfits<Server["AuditEntry"], T.AuditEntry>;
  candidate: Misfits<Server["Candidate"], T.Candidate>;
  taskSummary: Misfits<Server["Task"], T.TaskSummary>;
  task: Misfits<Server["TaskDetail"], T.Task>;
  weightPresets: Misfits<Server["WeightPresets"], T.WeightPresets>;
  assessmentSummary: Misfits<Server["Assessment"], T.AssessmentSummary>;
  assessmentCard: Misfits<Server["AssessmentCard"], T.AssessmentCard>;
  assessmentDetail: Misfits<Server["AssessmentDetail"], R.AssessmentDetail>;
  result: Misfits<Server["Result"], R.Result>;
  signal: Misfits<Server["Signal"], R.Signal>;
  prompt: Misfits<Server["Prompt"], R.Prompt>;
  calibrationTaken: Misfits<Server["CalibrationTaken"], R.CalibrationTaken>;
  calibrationAverage: Misfits<Server["CalibrationAverage"], R.CalibrationAverage>;
  code: Misfits<Server["Code"], R.AssessmentCode>;
  event: Misfits<Server["TimelineEvent"], R.TimelineEvent>;
};

/** Requests: all that the server asks for, the pages send. */
type Requests = {
  newAssessment: Misfits<T.NewAssessment, Pick<Server["AssessmentInput"], "task_id">>;
  newCandidate: Misfits<T.NewCandidate, Pick<Server["CandidateInput"], "full_name" | "email">>;
};

type None<Checks> = { [Name in keyof Checks]: [Checks[Name]] extends [never] ? true : Checks[Name] };
type AllFit<Checks> = { [Name in keyof Checks]: true };

// An error here names the type and the field that have drifted apart.
export const answersFit = (checks: None<Answers>): AllFit<Answers> => checks;
export const requestsFit = (checks: None<Requests>): AllFit<Requests> => checks;
