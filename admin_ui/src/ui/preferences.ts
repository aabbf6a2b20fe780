// What a reader chose for this browser: kept in localStorage, in memory where that is blocked.
import { useSyncExternalStore } from "react";

export function preference<Value extends string>(key: string, values: readonly Value[], fallback: Value) {
  const listeners = new Set<() => void>();
  let current = read();

  function read(): Value {
    try {
      const stored = localStorage.getItem(key);
      return values.find((value) => value === stored) ?? fallback;
    } catch {
      return fallback;
    }
  }

  function tell() {
    for (const listener of listeners) listener();
  }

  window.addEventListener("storage", (event) => {
    if (event.key !== key) return;
    current = read();
    tell();
  });

  const store = {
    get: () => current,
    set(value: Value) {
      current = value;
      try {
        localStorage.setItem(key, value);
      } catch {
        // The choice then lasts as long as the page.
      }
      tell();
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    use: () => useSyncExternalStore(store.subscribe, store.get),
  };
  return store;
}
