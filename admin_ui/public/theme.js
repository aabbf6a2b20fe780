// Sets the chosen theme before the first paint. Without a choice, the reader's system decides (see tokens.mjs).
(() => {
  try {
    const theme = localStorage.getItem("tali-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage can be blocked; the system's theme then serves.
  }
})();
