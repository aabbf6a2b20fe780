// Invitations that nobody has taken up yet, and what became of their mail.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Notification, UserInvitation } from "@/api/types";
import { day } from "@/format/format";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/Dialog";
import { Section } from "@/ui/layout";
import { LoadMore } from "@/ui/list-tools";
import { Empty, Loaded } from "@/ui/states";
import { toast } from "@/ui/toasts";
import { ROLE } from "@/words";
import { invitations, latestMails, useResendInvitation, useRevokeInvitation } from "./people";

export function InvitationList() {
  const list = useInfiniteQuery(invitations());
  const mails = useQuery(latestMails());
  return (
    <Section title="Invitations">
      <Loaded query={list} errorTitle="The invitations could not be loaded">
        {({ pages }) => {
          const rows = pages.flatMap(({ data }) => data);
          if (rows.length === 0) return <Empty title="Nobody is invited">Everybody has joined.</Empty>;
          return (
            <>
              <ul className="rounded-lg border border-line bg-raised">
                {rows.map((row) => (
                  <InvitationRow
                    key={row.id}
                    invitation={row}
                    // The list has the newest first.
                    mail={mails.data?.data.find(({ subject_id }) => subject_id === row.id)}
                  />
                ))}
              </ul>
              <LoadMore query={list} shown={rows.length} what="invitation" />
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

function InvitationRow({ invitation, mail }: { invitation: UserInvitation; mail: Notification | undefined }) {
  const [asking, setAsking] = useState(false);
  const resend = useResendInvitation();
  const revoke = useRevokeInvitation();
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-4 py-3 last:border-b-0">
      <div className="min-w-0 flex-1 basis-48">
        <p className="truncate font-medium" title={invitation.full_name}>
          {invitation.full_name}
        </p>
        <p className="truncate text-muted text-xs" title={invitation.email}>
          {invitation.email}
        </p>
        <MailState mail={mail} />
      </div>
      <Badge tone={invitation.state === "open" ? "info" : "neutral"}>
        {invitation.state === "open" ? `${ROLE[invitation.role] ?? invitation.role}, invited` : "Expired"}
      </Badge>
      <p className="text-muted text-xs">Until {day(invitation.expires_at)}</p>
      <Button
        size="small"
        busy={resend.isPending}
        onClick={() =>
          resend.mutate(invitation.id, {
            onSuccess: () => toast.success("Invitation on its way again", invitation.email),
            onError: (error) => toast.error("Nothing was sent", error),
          })
        }
      >
        Send again<span className="sr-only"> to {invitation.full_name}</span>
      </Button>
      <Button size="small" look="danger" onClick={() => setAsking(true)}>
        Take back<span className="sr-only"> the invitation of {invitation.full_name}</span>
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Take back the invitation of ${invitation.full_name}?`}
        confirm="Take it back"
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoke.mutate(invitation.id, { onSuccess: () => setAsking(false) })}
      >
        The link in the mail stops working at once.
      </ConfirmDialog>
    </li>
  );
}

function MailState({ mail }: { mail: Notification | undefined }) {
  switch (mail?.state) {
    case "sent":
      return <p className="text-muted text-xs">Mailed {day(mail.created_at)}</p>;
    case "kept":
      return (
        <p className="text-muted text-xs">
          In the{" "}
          <a href="/dev/mailbox" className="rounded-sm text-accent-ink underline">
            development mailbox
          </a>
        </p>
      );
    case "failed":
      return <p className="text-danger text-xs">Not mailed: {mail.error}</p>;
    case "queued":
      return (
        <p className="text-muted text-xs">
          Being mailed{mail.error ? `; so far in vain: ${mail.error}` : ""}
        </p>
      );
    default:
      return <p className="text-muted text-xs">Being mailed</p>;
  }
}
