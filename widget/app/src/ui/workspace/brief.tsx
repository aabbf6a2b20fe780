// The task's brief.
import { words } from "../../words";
import { Markdown } from "./markdown";

export const Brief = ({ source, titled }: { source: string; titled: boolean }) => (
  <>
    <h2 class={titled ? "panel-title" : "visually-hidden"}>{words.work.brief}</h2>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard. */}
    <div class="scroll prose brief" tabIndex={0}>
      <Markdown source={source} />
    </div>
  </>
);
