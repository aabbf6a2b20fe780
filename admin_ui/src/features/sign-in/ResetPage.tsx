// The mailed link of a forgotten password: a new one, and in.
import { session } from "@/api/session";
import { Door, DoorForm, goIn, NoToken, PasswordField } from "./parts";

const TITLE = "Set a new password";

export function ResetPage({ token }: { token: string }) {
  if (!token) return <NoToken title={TITLE} />;
  return (
    <Door title={TITLE}>
      <p className="text-sm">
        Every session of yours that is open somewhere ends, and a new one begins here.
      </p>
      <DoorForm
        defaults={{ password: "" }}
        action="Set it and sign in"
        refused="The password was not set"
        submit={async ({ password }) => {
          await session.enter("/password-reset/redeem", { token, password });
          goIn();
        }}
      >
        {(form) => <PasswordField form={form} label="New password" isNew />}
      </DoorForm>
    </Door>
  );
}
