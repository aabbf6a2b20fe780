// Hash routes: the address after `#` as a value that components read, and links that are plain anchors.
import { useSyncExternalStore } from "react";

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Location {
  path: string;
  query: URLSearchParams;
}

/** The address of a page. Empty values of the query are left out, so that addresses stay short. */
export function href(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "" && value !== false)
      search.set(name, String(value));
  }
  const text = search.toString();
  return `#${path}${text ? `?${text}` : ""}`;
}

export function parse(hash: string): Location {
  const [path = "", search = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  return { path: `/${path.replace(/^\/+|\/+$/g, "")}`, query: new URLSearchParams(search) };
}

const listeners = new Set<() => void>();
let current = parse(location.hash);
let currentHash = location.hash;

function changed() {
  if (location.hash === currentHash) return;
  currentHash = location.hash;
  current = parse(currentHash);
  for (const listener of listeners) listener();
}

window.addEventListener("hashchange", changed);

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const here = () => current;

export const useLocation = () => useSyncExternalStore(subscribe, here);

export function navigate(to: string, { replace = false } = {}) {
  if (replace) history.replaceState(null, "", to);
  else location.hash = to;
  // replaceState fires no event, and hashchange comes late: both are told at once.
  changed();
}

/** Change part of the query of the page that is open, without a new entry in the history. */
export function setQuery(change: Query) {
  const next: Query = { ...Object.fromEntries(current.query), ...change };
  navigate(href(current.path, next), { replace: true });
}

export type Params = Record<string, string>;

/** Match `/assessments/:id/:tab?` against a path; null where it does not fit. */
export function match(pattern: string, path: string): Params | null {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  if (given.length > wanted.length) return null;
  const params: Params = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index];
    if (part.startsWith(":")) {
      const name = part.replace(/^:|\?$/g, "");
      if (value !== undefined) params[name] = decodeSafely(value);
      else if (!part.endsWith("?")) return null;
    } else if (part !== value) return null;
  }
  return params;
}

function decodeSafely(text: string) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
