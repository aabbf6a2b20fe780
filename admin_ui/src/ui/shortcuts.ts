// Single-key shortcuts. They rest while someone types, and can be switched off (Settings → Account).
import { useEffect, useEffectEvent } from "react";
import { preference } from "./preferences";

export const shortcutsPreference = preference("tali-shortcuts", ["on", "off"] as const, "on");

type Shortcuts = Record<string, () => void>;

export function useShortcuts(shortcuts: Shortcuts) {
  const pressed = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
    if (shortcutsPreference.get() === "off" || isTyping(event.target)) return;
    // Behind an open dialog nothing may move.
    if (document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]')) return;
    const run = shortcuts[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => pressed(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
