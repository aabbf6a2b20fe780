// What stands in the assessment's place when it cannot be shown: one sentence and one way on.
// Styled through the CSSOM with the page's own system colours, so it fits light and dark under any style policy.

interface NoticeOptions {
  text: string;
  action: string;
  height: string;
  /** Where the action leads … */
  href?: string;
  /** … or what it does. */
  onAction?: () => void;
}

export function notice({ text, action, height, href, onAction }: NoticeOptions): HTMLElement {
  const box = document.createElement("div");
  box.setAttribute("role", "alert");
  Object.assign(box.style, {
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    justifyContent: "center",
    gap: "16px",
    boxSizing: "border-box",
    width: "100%",
    minHeight: "220px",
    height,
    padding: "24px",
    border: "1px solid color-mix(in srgb, CanvasText 18%, transparent)",
    borderRadius: "12px",
    background: "Canvas",
    color: "CanvasText",
    font: "16px/1.5 system-ui, sans-serif",
    textAlign: "center",
  });

  const sentence = document.createElement("div");
  sentence.textContent = text;

  const way = href === undefined ? document.createElement("button") : document.createElement("a");
  way.textContent = action;
  if (way instanceof HTMLAnchorElement && href !== undefined) {
    way.href = href;
    way.target = "_blank";
    way.rel = "noopener";
  } else if (onAction) {
    way.addEventListener("click", onAction);
  }
  Object.assign(way.style, {
    padding: "10px 18px",
    border: "0",
    borderRadius: "8px",
    background: "#9D00FF",
    color: "#FFFFFF",
    font: "inherit",
    fontWeight: "600",
    textDecoration: "none",
    cursor: "pointer",
  });

  box.append(sentence, way);
  return box;
}
