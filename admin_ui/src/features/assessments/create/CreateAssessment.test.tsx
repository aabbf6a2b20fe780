// The create form: what it sends, and where it puts what the server complains about.
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { createQueryClient } from "@/api/queries";
import { type Asked, fakeServer, sessionOf } from "@/testing/server";
import { CreateAssessmentForm } from "./CreateAssessmentPage";

const task = {
  id: "task-1",
  slug: "t",
  title: "Rate limiter that leaks",
  summary: "Find the race.",
  languages: ["python"],
  kind: "debugging",
  difficulty: "medium",
  duration_minutes: 45,
  state: "published",
  version: { id: "v1", number: 1, published_at: "2026-03-01T09:00:00.000Z" },
};

let create: (asked: Asked) => { status: number; body: unknown };
let server: ReturnType<typeof fakeServer>;

beforeEach(() => {
  server = fakeServer({
    "POST /auth/refresh": () => ({ status: 200, body: sessionOf("t1") }),
    "GET /tasks": () => ({
      status: 200,
      body: { data: [task, { ...task, id: "task-2", title: "Other" }], next_cursor: null },
    }),
    "GET /tasks/task-1": () => ({
      status: 200,
      body: { ...task, weights: { tests: 0.6, code_quality: 0.4 } },
    }),
    "GET /weight-presets": () => ({
      status: 200,
      body: {
        presets: [{ name: "balanced", title: "Balanced", description: "Even.", weights: { tests: 1 } }],
        components: [{ name: "tests", title: "Tests", help: "" }],
      },
    }),
    "POST /assessments": (asked) => create(asked),
  });
  vi.spyOn(globalThis, "fetch").mockImplementation((input) => server.send(input as Request));
  render(
    <QueryClientProvider client={createQueryClient()}>
      <CreateAssessmentForm />
    </QueryClientProvider>,
  );
});

const press = () => userEvent.click(screen.getByRole("button", { name: "Create assessment" }));
const posted = () => server.calls("POST /assessments");

async function fill() {
  await userEvent.click(await screen.findByRole("radio", { name: "Rate limiter that leaks" }));
  await userEvent.type(screen.getByLabelText("Full name"), "Ada Lovelace");
  await userEvent.type(screen.getByLabelText("E-mail"), "ada@example.com");
}

test("an empty form is not sent, and says at each field what is missing", async () => {
  await screen.findByRole("radio", { name: "Other" });
  await press();
  expect(await screen.findByText("Choose a task.")).toBeTruthy();
  expect(screen.getByLabelText("Full name").getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByText(/complete e-mail address/)).toBeTruthy();
  expect(posted()).toHaveLength(0);
});

test("a filled form sends what was meant and goes to the invitation", async () => {
  create = () => ({ status: 201, body: { id: "a1", candidate: { full_name: "Ada Lovelace" } } });
  await fill();
  await press();
  await vi.waitFor(() => expect(location.hash).toBe("#/assessments/a1/invite"));
  expect(posted()[0]?.body).toEqual({
    task_id: "task-1",
    candidate: { full_name: "Ada Lovelace", email: "ada@example.com" },
    proctored: false,
    send_invitation: true,
  });
});

test("the server's complaint stands at its field, and the retry of a corrected form has a new key", async () => {
  create = () => ({
    status: 422,
    body: {
      code: "invalid",
      message: "Check the fields.",
      errors: { "candidate.email": ["This address is blocked."] },
    },
  });
  await fill();
  await press();
  expect(await screen.findByText("This address is blocked.")).toBeTruthy();
  expect(screen.getByLabelText("E-mail").getAttribute("aria-invalid")).toBe("true");
  await press();
  await userEvent.type(screen.getByLabelText("E-mail"), "x");
  await press();
  const keys = posted().map(({ idempotencyKey }) => idempotencyKey);
  expect(keys[0]).toBeTruthy();
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
});

test("who is invited already is shown, with the way to the open invitation and to another one", async () => {
  const refusal = {
    code: "already_invited",
    message: "There is one.",
    state: "invited",
    assessment_id: "a0",
  };
  create = () => ({ status: 409, body: refusal });
  await fill();
  await press();
  expect(await screen.findByText("There is one.")).toBeTruthy();
  expect(screen.getByRole("link", { name: "See the open one" }).getAttribute("href")).toBe(
    "#/assessments/a0",
  );
  create = () => ({ status: 201, body: { id: "a1", candidate: { full_name: "Ada Lovelace" } } });
  // Whoever stands in the form by now is somebody else: asking again is for the one who was refused.
  await userEvent.type(screen.getByLabelText("E-mail"), "x");
  await userEvent.click(screen.getByRole("button", { name: "Invite again" }));
  await vi.waitFor(() => expect(location.hash).toBe("#/assessments/a1/invite"));
  const [refused, again] = posted();
  expect(again?.body).toEqual({ ...(refused?.body as object), again: true });
  expect(again?.idempotencyKey).not.toBe(refused?.idempotencyKey);
});

test("of a blind assessment nothing leads to the open invitation", async () => {
  create = () => ({
    status: 409,
    body: { code: "already_invited", message: "There is one.", state: "invited", assessment_id: null },
  });
  await fill();
  await press();
  expect(await screen.findByRole("button", { name: "Invite again" })).toBeTruthy();
  expect(screen.queryByRole("link", { name: "See the open one" })).toBeNull();
});
