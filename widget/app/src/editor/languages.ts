// Finds the language of a file by its name and loads it when it is first needed.
import { type LanguageSupport, StreamLanguage } from "@codemirror/language";
import type { Extension } from "@codemirror/state";

type Load = () => Promise<LanguageSupport | Extension>;

const javascript =
  (options: { jsx?: boolean; typescript?: boolean } = {}): Load =>
  async () =>
    (await import("@codemirror/lang-javascript")).javascript(options);

const cpp: Load = async () => (await import("@codemirror/lang-cpp")).cpp();
const yaml: Load = async () => (await import("@codemirror/lang-yaml")).yaml();
const html: Load = async () => (await import("@codemirror/lang-html")).html();
const shell: Load = async () => {
  const { shell: mode } = await import("@codemirror/legacy-modes/mode/shell");
  return StreamLanguage.define(mode);
};

const BY_EXTENSION: Record<string, Load> = {
  py: async () => (await import("@codemirror/lang-python")).python(),
  js: javascript({ jsx: true }),
  mjs: javascript(),
  cjs: javascript(),
  jsx: javascript({ jsx: true }),
  ts: javascript({ typescript: true }),
  tsx: javascript({ jsx: true, typescript: true }),
  java: async () => (await import("@codemirror/lang-java")).java(),
  go: async () => (await import("@codemirror/lang-go")).go(),
  rs: async () => (await import("@codemirror/lang-rust")).rust(),
  c: cpp,
  h: cpp,
  cc: cpp,
  cpp,
  hpp: cpp,
  sql: async () => (await import("@codemirror/lang-sql")).sql(),
  json: async () => (await import("@codemirror/lang-json")).json(),
  md: async () => (await import("@codemirror/lang-markdown")).markdown(),
  html,
  htm: html,
  css: async () => (await import("@codemirror/lang-css")).css(),
  yml: yaml,
  yaml,
  sh: shell,
  bash: shell,
  rb: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/ruby")).ruby),
  toml: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/toml")).toml),
};

/** The language of a file, or nothing: plain text, or a chunk that could not be fetched just now. */
export async function languageOf(path: string): Promise<Extension> {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  try {
    return (await BY_EXTENSION[extension]?.()) ?? [];
  } catch {
    return [];
  }
}
