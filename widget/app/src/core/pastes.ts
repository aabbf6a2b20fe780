// Tells text that came from the assistant from text that came from elsewhere. Facts for the record, never verdicts.

/** Shorter pieces occur everywhere: saying where they come from would be a guess. */
const TELLING_CHARS = 12;

const squeeze = (text: string): string => text.replace(/\s+/g, " ").trim();

/** Whether a pasted text is contained in one of the assistant's replies, white space aside. */
export function isFromAssistant(text: string, replies: Iterable<string>): boolean {
  const wanted = squeeze(text);
  if (wanted.length < TELLING_CHARS) return false;
  for (const reply of replies) if (squeeze(reply).includes(wanted)) return true;
  return false;
}
