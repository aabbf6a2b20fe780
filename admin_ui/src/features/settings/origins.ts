// Origins as people type them: one a line, with a path or a slash too many, perhaps twice.

export function parseOrigins(text: string): string[] {
  const lines = text
    .split(/\s+/)
    .map((line) => line.trim())
    .filter(Boolean);
  return [...new Set(lines.map((line) => originOf(line) ?? line))];
}

function originOf(line: string): string | null {
  try {
    const { origin, protocol } = new URL(line);
    return protocol === "https:" || protocol === "http:" ? origin : null;
  } catch {
    return null;
  }
}

/** What is wrong with the list, naming the line; null where every line is an origin. */
export function originProblem(text: string): string | null {
  const wrong = parseOrigins(text).find((line) => originOf(line) === null);
  return wrong === undefined ? null : `“${wrong}” is not an origin. Write it like https://jobs.example.com.`;
}
