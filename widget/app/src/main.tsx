// Starts the candidate app: reads what the server put into the page, and how the page was reached.
import "virtual:tali-tokens.css";
import "./ui/base.css";
import "./ui/pages.css";
import { render } from "preact";
import type { Credential } from "./core/access";
import { Host } from "./core/host";
import { openKeep } from "./core/keep";
import { Visit } from "./core/session";
import { App } from "./ui/app";

const meta = (name: string): string | undefined =>
  document.querySelector<HTMLMetaElement>(`meta[name="tali-${name}"]`)?.content || undefined;

const publicId = meta("public-id") ?? null;
const framed = window.parent !== window;
const keep = openKeep();

const eid = new URLSearchParams(location.search).get("eid");
const allowedOrigins = (meta("allowed-origins") ?? "").split(/\s+/).filter(Boolean);
const host = framed && eid ? new Host({ eid, allowedOrigins, parent: window.parent }) : undefined;
const connected = host?.connect();

async function credential(): Promise<Credential | undefined> {
  const token = await connected;
  if (token) return { embed_token: token };
  const fragment = decodeURIComponent(location.hash.slice(1));
  if (!fragment) return undefined;
  if (location.pathname.startsWith("/take")) return { invitation: fragment };
  // A one-time token has no business in the history of this browser.
  history.replaceState(null, "", location.pathname + location.search);
  return { embed_token: fragment };
}

let opened: Promise<Credential | undefined> | undefined;
const visit = new Visit({
  keep,
  host,
  framed,
  publicId,
  embedId: eid,
  credential: () => {
    opened ??= credential();
    return opened;
  },
});
void visit.open();

// The same link opened with another invitation changes only the fragment, which loads nothing by itself.
window.addEventListener("hashchange", () => {
  if (location.pathname.startsWith("/take")) location.reload();
});

// Some hints help only those who move about with the keyboard.
const noteInput = (input: "keyboard" | "pointer") =>
  document.documentElement.setAttribute("data-input", input);
window.addEventListener("keydown", ({ key }) => key === "Tab" && noteInput("keyboard"), { capture: true });
window.addEventListener("pointerdown", () => noteInput("pointer"), { capture: true });

const root = document.getElementById("app");
if (root) render(<App visit={visit} storageLasts={keep.lasting} framed={framed} />, root);
