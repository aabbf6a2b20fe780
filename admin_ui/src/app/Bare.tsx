// The frame of pages without a shell: sign-in, and what is said before anyone is signed in.
import type { ReactNode } from "react";
import { Wordmark } from "./Wordmark";

export function Bare({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-8 px-4 py-12">
      <Wordmark className="text-2xl" />
      {children}
    </main>
  );
}
