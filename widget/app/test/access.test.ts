// Which secret opens the session, and what happens when it is spent.
import { expect, test } from "vitest";
import { Access, type Credential } from "../src/core/access";
import { ApiError, type Send } from "../src/core/api";
import { type Keep, openKeep } from "../src/core/keep";

const memory = (): Keep =>
  openKeep(() => {
    throw new Error("blocked");
  });

function server(accepts: (credential: Credential) => boolean) {
  const tried: string[] = [];
  let keys = 0;
  const send: Send = async (_method, path, options = {}) => {
    if (path !== "/session/open") {
      if (options.bearer === "stale") throw new ApiError(401, "bearer_invalid", "");
      return Response.json({ bearer: options.bearer });
    }
    const { nonce: _nonce, ...credential } = options.body as Credential & { nonce: string };
    tried.push(Object.entries(credential).join("="));
    if (!accepts(credential)) throw new ApiError(401, "token_used", "");
    keys++;
    return Response.json({
      bearer: `bearer-${keys}`,
      expires_in: 900,
      resume_key: `resume-${keys}`,
      session: { assessment: { public_id: "p" } },
    });
  };
  return { send, tried };
}

const sources = (first?: Credential, token: string | null = null) => ({
  first,
  publicId: "p",
  embedId: null,
  askHost: async () => token,
});

test("a spent token gives way to the resume key of this tab", async () => {
  const keep = memory();
  keep.set("resume.p", "old");
  const { send, tried } = server((credential) => "resume_key" in credential);
  await new Access(send, keep, sources({ embed_token: "p.spent" })).open();
  expect(tried).toEqual(["embed_token,p.spent", "resume_key,old"]);
  expect(keep.get("resume.p")).toBe("resume-1");
});

test("without a key of its own, it asks the host page", async () => {
  const { send, tried } = server(
    (credential) => "embed_token" in credential && credential.embed_token === "p.new",
  );
  await new Access(send, memory(), sources({ embed_token: "p.spent" }, "p.new")).open();
  expect(tried.at(-1)).toBe("embed_token,p.new");
});

test("with nothing that opens, it says that the link is needed again", async () => {
  const { send } = server(() => false);
  await expect(new Access(send, memory(), sources()).open()).rejects.toMatchObject({ code: "token_missing" });
  await expect(new Access(send, memory(), sources({ invitation: "x" })).open()).rejects.toMatchObject({
    code: "token_used",
  });
});

test("requests that find the bearer gone renew it once, together", async () => {
  const { send, tried } = server(() => true);
  let refused = 0;
  const flaky: Send = async (method, path, options = {}) => {
    if (path === "/x" && options.bearer === "bearer-1") {
      refused++;
      throw new ApiError(401, "bearer_invalid", "");
    }
    return send(method, path, options);
  };
  const access = new Access(flaky, memory(), sources({ invitation: "x" }));
  await access.open();
  await Promise.all([access.send("GET", "/x"), access.send("GET", "/x"), access.send("GET", "/x")]);
  expect(refused).toBe(3);
  expect(tried).toEqual(["invitation,x", "resume_key,resume-1"]);
});
