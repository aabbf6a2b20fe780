// The mailed link of a registration. The password is asked for as well: the link alone may be in the wrong hands.
import { session } from "@/api/session";
import { Door, DoorForm, goIn, NoToken, PasswordField } from "./parts";

const TITLE = "Confirm your address";

export function ConfirmPage({ token }: { token: string }) {
  if (!token) return <NoToken title={TITLE} />;
  return (
    <Door title={TITLE}>
      <p className="text-sm">Enter the password that you chose when you registered.</p>
      <DoorForm
        defaults={{ password: "" }}
        action="Confirm and sign in"
        refused="The address is not confirmed"
        submit={async ({ password }) => {
          await session.enter("/register/confirm", { token, password });
          goIn();
        }}
      >
        {(form) => <PasswordField form={form} label="Password" isNew={false} />}
      </DoorForm>
    </Door>
  );
}
