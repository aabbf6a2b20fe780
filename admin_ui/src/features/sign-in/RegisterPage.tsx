// Registering an organisation: what is typed here begins to count when the mailed link is followed.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { session } from "@/api/session";
import { looksLikeEmail } from "@/ui/email";
import { Field, TextInput } from "@/ui/Field";
import { Loaded } from "@/ui/states";
import { Door, DoorForm, PasswordField } from "./parts";
import { signInOptions } from "./queries";

interface Registration {
  organization_name: string;
  full_name: string;
  email: string;
  password: string;
}

export function RegisterPage() {
  const options = useQuery(signInOptions());
  const [sentTo, setSentTo] = useState<string | null>(null);
  if (sentTo !== null)
    return (
      <Door title="Look into your mailbox">
        <p role="status" className="text-sm">
          A mail to <strong className="break-all">{sentTo}</strong> says how to go on. Keep the password that
          you chose at hand: it is asked for once more.
        </p>
      </Door>
    );
  return (
    <Door title="Register an organisation">
      <Loaded query={options} errorTitle="This page could not be loaded">
        {({ registration }) =>
          registration ? (
            <RegistrationForm onSent={setSentTo} />
          ) : (
            <p className="text-sm">This TALI takes no registrations. Ask its operator to be invited.</p>
          )
        }
      </Loaded>
    </Door>
  );
}

function RegistrationForm({ onSent }: { onSent(email: string): void }) {
  return (
    <DoorForm<Registration>
      defaults={{ organization_name: "", full_name: "", email: "", password: "" }}
      action="Register"
      refused="You are not registered"
      submit={async (values) => {
        const body = {
          organization_name: values.organization_name.trim(),
          full_name: values.full_name.trim(),
          email: values.email.trim(),
          password: values.password,
        };
        await session.ask("/register", body);
        onSent(body.email);
      }}
    >
      {(form) => (
        <>
          <Field label="Organisation" error={form.formState.errors.organization_name?.message}>
            {(control) => (
              <TextInput
                {...control}
                {...form.register("organization_name", {
                  validate: (text) => text.trim() !== "" || "Enter the organisation’s name.",
                })}
                autoComplete="organization"
                maxLength={120}
              />
            )}
          </Field>
          <Field label="Your name" error={form.formState.errors.full_name?.message}>
            {(control) => (
              <TextInput
                {...control}
                {...form.register("full_name", {
                  validate: (text) => text.trim() !== "" || "Enter your name.",
                })}
                autoComplete="name"
                maxLength={120}
              />
            )}
          </Field>
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
          <PasswordField form={form} label="Password" isNew />
        </>
      )}
    </DoorForm>
  );
}
