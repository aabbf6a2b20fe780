// What the sign-in page says.
export const signInWords = {
  ended: "Your session has ended. Sign in again to go on where you were.",
  left: "You are signed out.",
  redeeming: "Redeeming your one-time link",
  linkSpent:
    "A sign-in link works once and for a short time. Ask for a new one, or continue with your e-mail and password.",
  noPassword:
    "No account yet? Follow the link of your invitation, or ask an owner of your organisation for one.",
  tooShort: "Use at least 12 characters.",
  howToChoose: "At least 12 characters. A few random words make a good one.",
} as const;

export const PASSWORD_PROBLEMS: Record<string, string> = {
  credentials_invalid: "The e-mail address and password do not match. Check both, then try again.",
  too_many_attempts: "Too many tries in a short time. Wait a few minutes, then try again.",
};
