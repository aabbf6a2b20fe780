// The session for components: its state, who is signed in, and what they may do.
import { createContext, useContext, useSyncExternalStore } from "react";
import { session } from "./session";
import type { Me, Role } from "./types";

export const useSession = () => useSyncExternalStore(session.subscribe, session.state);

export const MeContext = createContext<Me | null>(null);

/** The signed-in user. Only pages behind the sign-in use it, so there always is one. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe outside of a signed-in page");
  return me;
}

const RANK: Record<Role, number> = { viewer: 0, recruiter: 1, owner: 2 };

/** Whether the role reaches this far. The server decides; this only spares people buttons that would fail. */
export const useMay = (role: Role) => RANK[useMe().role] >= RANK[role];
