// A person's name and address, as every form that adds somebody asks for them. The form around it provides its context.
import { useFormContext } from "react-hook-form";
import { looksLikeEmail } from "./email";
import { Field, TextInput } from "./Field";

export interface Person {
  full_name: string;
  email: string;
}

export function PersonFields({ whose, nameLength }: { whose: string; nameLength: number }) {
  const { register, formState } = useFormContext<Person>();
  const { errors } = formState;
  return (
    <>
      <Field label="Full name" error={errors.full_name?.message}>
        {(control) => (
          <TextInput
            {...control}
            {...register("full_name", {
              validate: (text) => text.trim() !== "" || `Enter the ${whose}’s name.`,
            })}
            autoComplete="off"
            maxLength={nameLength}
          />
        )}
      </Field>
      <Field label="E-mail" error={errors.email?.message}>
        {(control) => (
          <TextInput
            {...control}
            {...register("email", { validate: looksLikeEmail })}
            type="email"
            autoComplete="off"
            maxLength={254}
          />
        )}
      </Field>
    </>
  );
}
