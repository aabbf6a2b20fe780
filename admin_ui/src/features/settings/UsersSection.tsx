// The people of the organisation: members with their roles, and those who were invited.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Member, Role } from "@/api/types";
import { useMay, useMe } from "@/api/use-session";
import { ago, at } from "@/format/format";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { ConfirmDialog, Dialog } from "@/ui/Dialog";
import { Select } from "@/ui/Field";
import { Section } from "@/ui/layout";
import { LoadMore } from "@/ui/list-tools";
import { Loaded } from "@/ui/states";
import { toast } from "@/ui/toasts";
import { ROLE } from "@/words";
import { InvitationList } from "./InvitationList";
import { InviteForm } from "./InviteForm";
import { members, useAccess, useChangeRole } from "./people";

export function UsersSection() {
  const list = useInfiniteQuery(members());
  const isOwner = useMay("owner");
  const [inviting, setInviting] = useState(false);
  return (
    <div className="flex flex-col gap-10">
      <Section
        title="Members"
        description="Owners manage people, keys and settings; recruiters invite candidates; viewers read."
        actions={
          isOwner && (
            <Button look="primary" onClick={() => setInviting(true)}>
              Invite
            </Button>
          )
        }
      >
        <Loaded query={list} errorTitle="The members could not be loaded">
          {({ pages }) => {
            const rows = pages.flatMap(({ data }) => data);
            return (
              <>
                <ul className="rounded-lg border border-line bg-raised">
                  {rows.map((member) => (
                    <MemberRow key={member.id} member={member} mayChange={isOwner} />
                  ))}
                </ul>
                <LoadMore query={list} shown={rows.length} what="member" />
              </>
            );
          }}
        </Loaded>
      </Section>
      {isOwner && <InvitationList />}
      <Dialog open={inviting} onOpenChange={setInviting} title="Invite a person">
        <InviteForm onDone={() => setInviting(false)} />
      </Dialog>
    </div>
  );
}

function MemberRow({ member, mayChange }: { member: Member; mayChange: boolean }) {
  const { user } = useMe();
  const [asking, setAsking] = useState(false);
  const changeRole = useChangeRole();
  const access = useAccess();

  const giveRole = (role: Role) =>
    changeRole.mutate(
      { id: member.id, role },
      {
        onSuccess: () => toast.success("Role changed", `${member.full_name}: ${ROLE[role] ?? role}`),
        onError: (error) => toast.error("The role was not changed", error),
      },
    );

  const setAccess = (active: boolean) =>
    access.mutate(
      { id: member.id, active },
      {
        onSuccess: () => {
          setAsking(false);
          toast.success(active ? "Access given back" : "Access ended", member.full_name);
        },
      },
    );

  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-4 py-3 last:border-b-0">
      <div className="min-w-0 flex-1 basis-48">
        <p className="truncate font-medium" title={member.full_name}>
          {member.full_name}
          {member.id === user.id && <span className="font-normal text-muted"> (you)</span>}
        </p>
        <p className="truncate text-muted text-xs" title={member.email}>
          {member.email}
        </p>
      </div>
      <p className="text-muted text-xs" title={at(member.last_used_at)}>
        {member.last_used_at ? `Signed in ${ago(member.last_used_at)}` : "Has not signed in"}
      </p>
      {member.active ? (
        mayChange ? (
          <>
            <Select
              aria-label={`Role of ${member.full_name}`}
              className="w-auto!"
              value={member.role}
              disabled={changeRole.isPending}
              onChange={(event) => giveRole(event.target.value as Role)}
            >
              {Object.entries(ROLE).map(([role, label]) => (
                <option key={role} value={role}>
                  {label}
                </option>
              ))}
            </Select>
            <Button size="small" look="danger" onClick={() => setAsking(true)}>
              End access<span className="sr-only"> of {member.full_name}</span>
            </Button>
          </>
        ) : (
          <Badge tone="neutral">{ROLE[member.role] ?? member.role}</Badge>
        )
      ) : (
        <>
          <Badge tone="danger">Access ended</Badge>
          {mayChange && (
            <Button size="small" busy={access.isPending} onClick={() => setAccess(true)}>
              Give back<span className="sr-only"> access to {member.full_name}</span>
            </Button>
          )}
        </>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`End the access of ${member.full_name}?`}
        confirm="End access"
        busy={access.isPending}
        error={access.error}
        onConfirm={() => setAccess(false)}
      >
        They are signed out of this organisation at once. What they made stays, and you can give access back.
      </ConfirmDialog>
    </li>
  );
}
