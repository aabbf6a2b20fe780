// A menu of actions behind a button.
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "./class-names";

export interface MenuAction {
  label: string;
  icon?: ReactNode;
  danger?: boolean;
  onSelect(): void;
}

export function Menu({ trigger, actions }: { trigger: ReactNode; actions: MenuAction[] }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="z-50 min-w-48 animate-pop rounded-md bg-raised p-1 text-ink shadow-pop"
        >
          {actions.map((action) => (
            <DropdownMenu.Item
              key={action.label}
              onSelect={action.onSelect}
              className={cx(
                "flex h-8 pointer-coarse:h-11 cursor-pointer items-center gap-2 rounded-sm px-2 text-sm outline-none data-highlighted:bg-hover [&_svg]:size-4",
                action.danger && "text-danger",
              )}
            >
              {action.icon}
              {action.label}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
