// The mailed link of an invitation: who invites where, and one password, new or the account's own.
import { useQuery } from "@tanstack/react-query";
import { session } from "@/api/session";
import type { JoinView } from "@/api/types";
import { day } from "@/format/format";
import { Facts } from "@/ui/layout";
import { Loaded } from "@/ui/states";
import { ROLE } from "@/words";
import { Door, DoorForm, goIn, NoToken, PasswordField } from "./parts";
import { joinView } from "./queries";

const TITLE = "You are invited";

export function JoinPage({ token }: { token: string }) {
  const invitation = useQuery({ ...joinView(token), enabled: token !== "" });
  if (!token) return <NoToken title={TITLE} />;
  return (
    <Door title={TITLE}>
      <Loaded query={invitation} errorTitle="This invitation cannot be taken up">
        {(view) => <Accept token={token} view={view} />}
      </Loaded>
    </Door>
  );
}

function Accept({ token, view }: { token: string; view: JoinView }) {
  return (
    <>
      <Facts
        facts={[
          ["Organisation", view.organization_name],
          ["Invited by", view.invited_by ?? "a former member"],
          ["As", ROLE[view.role] ?? view.role],
          ["Your e-mail", view.email],
          ["Until", day(view.expires_at)],
        ]}
      />
      <p className="text-sm">
        {view.has_password
          ? "You have an account already. Its password shows that it is you."
          : "Choose a password, with which you sign in from now on."}
      </p>
      <DoorForm
        defaults={{ password: "" }}
        action="Join and sign in"
        refused="You have not joined"
        submit={async ({ password }) => {
          await session.enter("/invitation/accept", { token, password });
          goIn();
        }}
      >
        {(form) => (
          <PasswordField
            form={form}
            label={view.has_password ? "Your password" : "Password"}
            isNew={!view.has_password}
            email={view.email}
          />
        )}
      </DoorForm>
    </>
  );
}
