// A forgotten password: the answer is the same for every address.
import { useState } from "react";
import { session } from "@/api/session";
import { looksLikeEmail } from "@/ui/email";
import { Field, TextInput } from "@/ui/Field";
import { Door, DoorForm } from "./parts";

export function ForgottenPage() {
  const [sentTo, setSentTo] = useState<string | null>(null);
  if (sentTo !== null)
    return (
      <Door title="Look into your mailbox">
        <p role="status" className="text-sm">
          If <strong className="break-all">{sentTo}</strong> has an account, a mail with a link is on its way.
          The link works for one hour.
        </p>
      </Door>
    );
  return (
    <Door title="Forgotten your password?">
      <p className="text-sm">Enter your e-mail address, and a link to set a new one comes by mail.</p>
      <DoorForm
        defaults={{ email: "" }}
        action="Send the link"
        refused="Nothing was sent"
        submit={async ({ email }) => {
          await session.ask("/password-reset", { email: email.trim() });
          setSentTo(email.trim());
        }}
      >
        {(form) => (
          <Field label="E-mail" error={form.formState.errors.email?.message}>
            {(control) => (
              <TextInput
                {...control}
                {...form.register("email", { validate: looksLikeEmail })}
                type="email"
                autoComplete="username"
                maxLength={254}
              />
            )}
          </Field>
        )}
      </DoorForm>
    </Door>
  );
}
