// Small things that should outlive a reload, per tab: sessionStorage where the browser allows it, memory where it does
// not (third-party frames, strict privacy settings). Never cookies.

export interface Keep {
  /** False when nothing will survive a reload. */
  readonly lasting: boolean;
  get(name: string): string | null;
  set(name: string, value: string): void;
  remove(name: string): void;
}

export function openKeep(storage: () => Storage = () => window.sessionStorage): Keep {
  try {
    const store = storage();
    store.setItem("tali.probe", "1");
    store.removeItem("tali.probe");
    return {
      lasting: true,
      get: (name) => store.getItem(`tali.${name}`),
      set: (name, value) => {
        try {
          store.setItem(`tali.${name}`, value);
        } catch {
          // Full: what is already in memory still works, and a reload asks for the link again.
        }
      },
      remove: (name) => store.removeItem(`tali.${name}`),
    };
  } catch {
    const memory = new Map<string, string>();
    return {
      lasting: false,
      get: (name) => memory.get(name) ?? null,
      set: (name, value) => void memory.set(name, value),
      remove: (name) => void memory.delete(name),
    };
  }
}
