// The places of the app, for the sidebar, the phone's bar and the command palette alike.
import { ClipboardList, type LucideIcon, ScrollText, Settings, Users } from "lucide-react";

export interface Place {
  label: string;
  path: string;
  icon: LucideIcon;
}

export const PLACES: Place[] = [
  { label: "Assessments", path: "/assessments", icon: ClipboardList },
  { label: "Candidates", path: "/candidates", icon: Users },
  { label: "Tasks", path: "/tasks", icon: ScrollText },
  { label: "Settings", path: "/settings", icon: Settings },
];

export const isUnder = (path: string, place: Place) =>
  path === place.path || path.startsWith(`${place.path}/`) || (path === "/" && place === PLACES[0]);
