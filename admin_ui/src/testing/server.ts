// A server of a few lines for tests: answers by method and path, and a record of what was asked.

export interface Asked {
  method: string;
  path: string;
  body: unknown;
  authorization: string | null;
  idempotencyKey: string | null;
}

type Answer = { status: number; body?: unknown };
type Handler = (asked: Asked) => Answer | Promise<Answer>;

export function fakeServer(handlers: Record<string, Handler>) {
  const asked: Asked[] = [];
  const send = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const text = await request.text();
    const entry: Asked = {
      method: request.method,
      path: pathname.replace("/api/v1", ""),
      body: text ? JSON.parse(text) : null,
      authorization: request.headers.get("Authorization"),
      idempotencyKey: request.headers.get("Idempotency-Key"),
    };
    asked.push(entry);
    const handler = handlers[`${entry.method} ${entry.path}`];
    const { status, body } = handler
      ? await handler(entry)
      : { status: 404, body: { code: "not_found", message: "Not here." } };
    return new Response(status === 204 ? null : JSON.stringify(body ?? {}), {
      status,
      headers: { "Content-Type": "application/json" },
    });
  };
  const calls = (route: string) => asked.filter(({ method, path }) => `${method} ${path}` === route);
  return { send, asked, calls };
}

export const sessionOf = (token: string, hasPassword = true) => ({
  access_token: token,
  expires_in: 600,
  me: {
    user: { id: "u1", email: "rosa@example.com", full_name: "Rosa Keller", has_password: hasPassword },
    organization: { id: "o1", name: "Northwind", slug: "northwind" },
    role: "owner" as const,
    organizations: [{ id: "o1", name: "Northwind", role: "owner" as const }],
  },
});

export const ended: Answer = {
  status: 401,
  body: { code: "session_ended", message: "Your session has ended." },
};
