// Four ways to bring a candidate to their assessment: the link, an e-mail, an embedded widget, an API call.

import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import type { AssessmentDetail } from "@/api/report";
import { useMe } from "@/api/use-session";
import { ago, at, minutes } from "@/format/format";
import { href } from "@/router/router";
import { ButtonLink } from "@/ui/Button";
import { CopyBlock, CopyField } from "@/ui/copy";
import { Section } from "@/ui/layout";
import { Empty } from "@/ui/states";
import { nameOf } from "../parts";
import { latestMail } from "../queries";
import type { TabProps } from "./AssessmentPage";

export default function InviteTab({ assessment }: TabProps) {
  const me = useMe();
  const { candidate, invitation_url, embed, state } = assessment;
  if (state !== "invited" && state !== "in_progress") {
    return <Empty title="The invitation is over">The link leads nowhere any more.</Empty>;
  }
  return (
    <div className="flex max-w-3xl flex-col gap-10">
      {state === "invited" && (
        <p className="flex items-start gap-2.5 rounded-lg bg-success-soft px-4 py-3 text-sm">
          <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />
          <span>
            Ready for {nameOf(candidate)}. The link works until {at(assessment.expires_at)}.{" "}
            <MailState id={assessment.id} />
          </span>
        </p>
      )}
      {invitation_url && (
        <Section
          title="Link"
          description="Personal: whoever has it can take the assessment. Opening it starts nothing."
        >
          <CopyField text={invitation_url} what="Invitation link" />
        </Section>
      )}
      {invitation_url && (
        <Section
          title="E-mail"
          description="To send from your own address, where TALI did not mail it."
          actions={
            <ButtonLink size="small" href={mailto(assessment, me.organization.name)}>
              Open in your mail program
            </ButtonLink>
          }
        >
          <CopyBlock wrap text={emailText(assessment, me.organization.name)} what="E-mail text" />
        </Section>
      )}
      <Section
        title="Embed in your own page"
        description="Put this where the candidate works. Your server gets the session token with the call below."
      >
        <CopyBlock text={embed.snippet} what="Embed code" />
        <p className="mt-2 text-muted text-xs">
          Pages that may embed it are listed under{" "}
          <a href={href("/settings/organization")} className="underline">
            Settings → Organisation
          </a>
          .
        </p>
      </Section>
      <Section
        title="API call"
        description="From your server, never from a browser: it carries your key. The token it gives lasts five minutes and works once."
      >
        <CopyBlock text={curlCall(assessment.id)} what="API call" />
        <p className="mt-2 text-muted text-xs">
          Keys are made under{" "}
          <a href={href("/settings/api-keys")} className="underline">
            Settings → API keys
          </a>
          .
        </p>
      </Section>
    </div>
  );
}

/** Whether TALI mailed the invitation itself, so that nobody sends it twice. */
function MailState({ id }: { id: string }) {
  const mail = useQuery(latestMail(id)).data;
  if (!mail) return <>Send one of these.</>;
  switch (mail.state) {
    case "sent":
      return <>TALI mailed it {ago(mail.created_at)}; the ways below are there too.</>;
    case "kept":
      return <>Its mail was kept in this development mailbox; the ways below reach the candidate.</>;
    case "failed":
      return <>It could not be mailed: {mail.error} Send one of these.</>;
    default:
      return <>TALI is mailing it.</>;
  }
}

const subject = (organization: string) => `Your assessment with ${organization}`;

export function emailText(assessment: AssessmentDetail, organization: string) {
  return `Hello ${nameOf(assessment.candidate)},

${organization} invites you to an assessment: ${assessment.task.title}.

You solve a real task in an editor with an assistant beside it, and how you work with it is part of what is looked at. It takes ${minutes(assessment.duration_minutes)}. The clock starts when you press Start, not when you open the link:

${assessment.invitation_url}

The link works until ${at(assessment.expires_at)}. You need a browser on a computer; there is nothing to install.

Good luck,
${organization}`;
}

const mailto = (assessment: AssessmentDetail, organization: string) =>
  `mailto:${encodeURIComponent(assessment.candidate.email ?? "")}?subject=${encodeURIComponent(subject(organization))}&body=${encodeURIComponent(emailText(assessment, organization))}`;

export const curlCall = (id: string) => `curl -X POST ${location.origin}/api/v1/embed-sessions \\
  -H "Authorization: Bearer $TALI_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"assessment_id": "${id}"}'`;
