// The API's paths for openapi-fetch, in the shape that openapi-typescript generates.
import type * as R from "./report";
import type * as T from "./types";

type Json<Body> = { content: { "application/json": Body } };
type Empty = { content?: never };
type Parameters = { path?: Record<string, string>; query?: object };

type Operation<In extends Parameters, Body, Answers> = {
  parameters: In;
  responses: Answers;
} & (Body extends undefined ? { requestBody?: never } : { requestBody: Json<Body> });

type Reads<Answer, In extends Parameters = Parameters> = Operation<In, undefined, { 200: Json<Answer> }>;
type Writes<Body, Answers, In extends Parameters = Parameters> = Operation<In, Body, Answers>;
type ById = { path: { id: string } };
type Paging = { cursor?: string; limit?: number };

export interface paths {
  "/auth/links/redeem": { post: Writes<{ token: string }, { 200: Json<T.Session> }> };
  "/auth/login": { post: Writes<{ email: string; password: string }, { 200: Json<T.Session> }> };
  "/auth/options": { get: Reads<{ registration: boolean }> };
  "/auth/refresh": { post: Writes<undefined, { 200: Json<T.Session> }> };
  "/auth/logout": { post: Writes<undefined, { 204: Empty }> };
  "/auth/password": { post: Writes<{ password: string; current_password?: string }, { 204: Empty }> };
  "/organization": {
    get: Reads<T.Organization>;
    patch: Writes<{ name?: string; allowed_origins?: string[] }, { 200: Json<T.Organization> }>;
  };
  "/organization/spending": {
    get: Reads<T.Spending>;
    patch: Writes<
      { assessment_spend_cap?: string | null; monthly_spend_cap?: string | null },
      { 200: Json<T.Spending> }
    >;
  };
  "/api-keys": {
    get: Reads<T.Page<T.ApiKey>>;
    post: Writes<{ name: string; scopes: T.Scope[] }, { 201: Json<T.CreatedApiKey> }>;
  };
  "/api-keys/{id}": { delete: Writes<undefined, { 204: Empty }, ById> };
  "/plugins": { get: Reads<T.PluginList> };
  "/plugins/{kind}/{name}": {
    patch: Writes<
      { used?: boolean; settings?: Record<string, string | number | boolean | null> },
      { 200: Json<T.Provider> },
      { path: { kind: string; name: string } }
    >;
  };
  "/plugins/{kind}/{name}/check": {
    post: Writes<undefined, { 202: Json<T.Provider> }, { path: { kind: string; name: string } }>;
  };
  "/users": { get: Reads<T.Page<T.Member>, { query?: Paging }> };
  "/users/invite": {
    post: Writes<{ email: string; full_name: string; role: T.Role }, { 201: Json<T.UserInvitation> }>;
  };
  "/users/invitations": { get: Reads<T.Page<T.UserInvitation>, { query?: Paging }> };
  "/users/invitations/{id}": { delete: Writes<undefined, { 204: Empty }, ById> };
  "/users/invitations/{id}/resend": { post: Writes<undefined, { 200: Json<T.UserInvitation> }, ById> };
  "/users/{id}": { patch: Writes<{ role: T.Role }, { 200: Json<T.Member> }, ById> };
  "/users/{id}/deactivate": { post: Writes<undefined, { 200: Json<T.Member> }, ById> };
  "/users/{id}/reactivate": { post: Writes<undefined, { 200: Json<T.Member> }, ById> };
  "/notifications": { get: Reads<T.Page<T.Notification>, { query?: Paging & { subject_id?: string } }> };
  "/audit-log": { get: Reads<T.Page<T.AuditEntry>, { query?: Paging & { action?: string } }> };
  "/tasks": { get: Reads<T.Page<T.TaskSummary>, { query?: Paging }> };
  "/tasks/{id}": { get: Reads<T.Task, ById> };
  "/candidates": {
    get: Reads<T.Page<T.Candidate>, { query?: Paging & { q?: string } }>;
    post: Writes<T.NewCandidate, { 201: Json<T.Candidate> }>;
  };
  "/weight-presets": { get: Reads<T.WeightPresets> };
  "/assessments": {
    get: Reads<T.Page<T.AssessmentSummary>, { query?: Paging & { q?: string; state?: T.AssessmentState } }>;
    post: Writes<T.NewAssessment, { 201: Json<T.AssessmentCard> }>;
  };
  "/assessments/{id}": {
    get: Reads<R.AssessmentDetail, ById>;
    delete: Writes<undefined, { 204: Empty }, ById>;
  };
  "/assessments/{id}/prompts": { get: Reads<T.Page<R.Prompt>, ById & { query?: Paging }> };
  "/assessments/{id}/calibration": { get: Reads<R.CalibrationTaken, ById> };
  "/calibration": { get: Reads<R.CalibrationAverage> };
  "/assessments/{id}/code": { get: Reads<R.AssessmentCode, ById> };
  "/assessments/{id}/timeline": { get: Reads<T.Page<R.TimelineEvent>, ById & { query?: Paging }> };
  "/assessments/{id}/cancel": { post: Writes<undefined, { 200: Json<T.AssessmentSummary> }, ById> };
  "/assessments/{id}/rescore": { post: Writes<undefined, { 202: Json<{ state: T.ScoringState }> }, ById> };
}
