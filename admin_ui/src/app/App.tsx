// What is shown before any page: the session decides between the sign-in, the shell, and "cannot be reached".
import { useEffect } from "react";
import { session } from "@/api/session";
import { MeContext, useSession } from "@/api/use-session";
import { doorAt } from "@/features/sign-in/doors";
import { SignInPage } from "@/features/sign-in/SignInPage";
import { useLocation } from "@/router/router";
import { ErrorMessage, LoadingPanel } from "@/ui/states";
import { Toasts } from "@/ui/toasts";
import { Bare } from "./Bare";
import { ErrorBoundary } from "./ErrorBoundary";
import { Shell } from "./Shell";

export function App() {
  return (
    <ErrorBoundary>
      <Gate />
      <Toasts />
    </ErrorBoundary>
  );
}

function Gate() {
  const state = useSession();
  const { path, query } = useLocation();
  const linkToken = path === "/sign-in" ? query.get("token") : null;

  const Door = doorAt(path);

  useEffect(() => {
    // A link in the address is redeemed first; an older session must not win over it.
    if (linkToken === null && Door === null && session.state().status === "restoring") session.restore();
  }, [linkToken, Door]);

  if (Door) return <Door key={path} token={query.get("token") ?? ""} />;
  if (linkToken !== null) return <SignInPage state={state} linkToken={linkToken} />;
  switch (state.status) {
    case "restoring":
      return (
        <Bare>
          <LoadingPanel label="Opening TALI" rows={3} />
        </Bare>
      );
    case "unreachable":
      return (
        <Bare>
          <h1 className="font-semibold text-xl">TALI does not answer</h1>
          <ErrorMessage error={state.problem} title="Nothing is lost" onRetry={() => session.restore()} />
        </Bare>
      );
    case "signed-out":
      return <SignInPage state={state} linkToken={null} />;
    case "signed-in":
      return (
        <MeContext value={state.me}>
          <Shell />
        </MeContext>
      );
    default:
      return state satisfies never;
  }
}
