// Pages mount twice, move nodes, come late and leave early: there is always one frame, or none.
import { beforeEach, describe, expect, test } from "vitest";
import { register, TAG, type TaliAssessmentElement } from "../src/element";
import { mount } from "../src/index";
import { iframes, inhabit, ORIGIN, settle } from "./page";

const place = () => document.getElementById("place") as HTMLElement;
const options = { session: "pub.secret", origin: ORIGIN };

beforeEach(() => {
  document.body.innerHTML = "<div id=place></div><div id=other></div>";
});

describe("mount", () => {
  test("mounting, unmounting and mounting in one breath keeps the frame, as StrictMode does", async () => {
    const first = mount(place(), options);
    await settle();
    const [frame] = iframes();
    first.destroy();
    const second = mount(place(), options);
    await settle();
    expect(iframes()).toEqual([frame]);
    second.destroy();
    await settle();
    expect(place().childNodes).toHaveLength(0);
  });

  test("a destroyed handle hears nothing, and destroys nothing of the next one", async () => {
    const first = mount(place(), options);
    await settle();
    const heard: string[] = [];
    first.on("ready", () => heard.push("first"));
    first.destroy();
    const second = mount(place(), options);
    second.on("ready", () => heard.push("second"));
    first.destroy();
    await settle();
    const { hello, say } = inhabit(iframes()[0] as HTMLIFrameElement);
    hello();
    say("ready", { assessment: "pub", state: "ready" });
    await settle();
    expect(heard).toEqual(["second"]);
  });

  test("leaving a page and coming back mounts afresh", async () => {
    mount(place(), options).destroy();
    await settle();
    mount(place(), options);
    await settle();
    expect(iframes()).toHaveLength(1);
  });

  test("a framework that wiped the place does not keep a second mount from working", async () => {
    mount(place(), options);
    await settle();
    place().replaceChildren();
    await settle();
    mount(place(), options);
    await settle();
    expect(iframes()).toHaveLength(1);
  });

  test("two assessments on a page do not hear each other", async () => {
    const heard: string[] = [];
    mount(place(), options).on("ready", ({ assessment }) => heard.push(`one ${assessment}`));
    mount(document.getElementById("other") as Element, { ...options, session: "two.x" }).on(
      "ready",
      ({ assessment }) => heard.push(`two ${assessment}`),
    );
    await settle();
    const { hello, say } = inhabit(iframes()[1] as HTMLIFrameElement);
    hello();
    say("ready", { assessment: "two", state: "ready" });
    await settle();
    expect(heard).toEqual(["two two"]);
  });

  test("a mistake is named", () => {
    expect(() => mount(null as never, options)).toThrow("needs an element");
    expect(() => mount(place(), {})).toThrow("`session` or `fetchToken`");
  });
});

describe("the element", () => {
  test("waits for a session that comes late", async () => {
    register();
    const element = document.createElement(TAG);
    element.setAttribute("origin", ORIGIN);
    place().append(element);
    await settle();
    expect(iframes()).toHaveLength(0);
    element.setAttribute("session", "pub.secret");
    await settle();
    expect(iframes()).toHaveLength(1);
  });

  test("a newer token of the same assessment does not reload the frame; another assessment does", async () => {
    mount(place(), options);
    await settle();
    const [frame] = iframes();
    const element = document.querySelector(TAG) as TaliAssessmentElement;
    element.setAttribute("session", "pub.newer");
    await settle();
    expect(iframes()).toEqual([frame]);
    element.setAttribute("session", "another.secret");
    await settle();
    expect(iframes()[0]?.src).toContain("/s/another?");
    expect(iframes()).toHaveLength(1);
  });

  test("moved within the page, it is not torn down", async () => {
    mount(place(), options);
    await settle();
    const [frame] = iframes();
    document.getElementById("other")?.append(document.querySelector(TAG) as Element);
    await settle();
    expect(iframes()).toEqual([frame]);
  });

  test("asks fetchToken when there is no session, and offers to try again when that fails", async () => {
    register();
    const answers = [Promise.reject(new Error("no")), Promise.resolve("pub.fetched")];
    const element = document.createElement(TAG);
    element.setAttribute("origin", ORIGIN);
    element.fetchToken = () => answers.shift() as Promise<string>;
    const errors: string[] = [];
    element.addEventListener("tali:error", (event) => errors.push((event as CustomEvent).detail.code));
    place().append(element);
    await settle();
    expect(errors).toEqual(["token_unavailable"]);
    element.shadowRoot?.querySelector("button")?.click();
    await settle();
    expect(iframes()[0]?.src).toContain("/s/pub?");
  });

  test("gives the frame a fresh token when it asks", async () => {
    let count = 0;
    mount(place(), { origin: ORIGIN, fetchToken: async () => `pub.${++count}` });
    await settle();
    const { inits, hello, say } = inhabit(iframes()[0] as HTMLIFrameElement);
    hello();
    const answer = new Promise((resolve) => {
      const port = inits[0]?.port as MessagePort;
      port.onmessage = ({ data }) => data.t === "token" && resolve(data.d.token);
    });
    say("token_request", null);
    expect(await answer).toBe("pub.2");
  });

  test("the frame has a name, a height and no more permissions than it needs", async () => {
    mount(place(), { ...options, title: "Coding assessment", height: 600 });
    await settle();
    const [frame] = iframes();
    expect(frame?.title).toBe("Coding assessment");
    expect(frame?.style.height).toBe("600px");
    expect(frame?.allow).toBe(`clipboard-read ${ORIGIN}; clipboard-write ${ORIGIN}; fullscreen ${ORIGIN}`);
    document.querySelector(TAG)?.setAttribute("height", "80vh");
    expect(frame?.style.height).toBe("80vh");
  });
});
