// The pages by which somebody becomes somebody who can sign in. They are open to all, and most carry a mailed token.
import type { ComponentType } from "react";
import { ConfirmPage } from "./ConfirmPage";
import { ForgottenPage } from "./ForgottenPage";
import { JoinPage } from "./JoinPage";
import { RegisterPage } from "./RegisterPage";
import { ResetPage } from "./ResetPage";

const DOORS: Record<string, ComponentType<{ token: string }>> = {
  "/register": RegisterPage,
  "/confirm": ConfirmPage,
  "/forgotten": ForgottenPage,
  "/reset": ResetPage,
  "/join": JoinPage,
};

export const doorAt = (path: string) => DOORS[path] ?? null;
