// What counts as an e-mail address in a form; the server has the last word.

// What a mail field in the browser accepts, plus the dot that real addresses have.
export const looksLikeEmail = (text: string) =>
  /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim()) || "Enter a complete e-mail address, like ada@example.com.";
