"""Assistants that candidates work with: a conversation in, chunks out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from tali.sdk.sessions import Files, HelpLevel


@dataclass(frozen=True, slots=True)
class Message:
    """One earlier message of the conversation."""

    role: Literal["candidate", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Hint:
    """One entry of a task's hint sheet: `text` answers prompts that mention any of `about`."""

    about: Sequence[str]
    text: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the assistant is given. Never hidden tests, never the reference solution, never the candidate's name.

    `messages` ends with the candidate's new message. `open_files` is what the candidate has in front of them; `files`
    is the whole workspace as it is now, those included.
    """

    brief: str
    languages: Sequence[str]
    messages: Sequence[Message]
    open_files: Files
    active_file: str | None
    selection: str | None
    help_level: HelpLevel
    hints: Sequence[Hint] = ()
    files: Files = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the reply, as Markdown; pieces are joined without separators."""

    text: str


@dataclass(frozen=True, slots=True)
class EditProposal:
    """A change the candidate can review and apply: replace `find` (exactly once in `path`) by `replace`."""

    path: str
    find: str
    replace: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The assistant used a tool; shown, never executed by core."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What the tool answered."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A word to the candidate about the reply, not part of it ("Older messages were left out")."""

    level: Literal["info", "warning"]
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a request took, as the provider counted it; None where it does not count.

    `cost` is in millionths of a US dollar, by the prices that the provider is set up with.

    Yielded within a reply it says what the reply has taken so far, at least roughly: a candidate who stops one leaves
    no other account of it, and a cap that Stop evades caps nothing. The last one counts, and `Done` replaces it.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Ends every reply. `stop`: `cut_short` means that the provider stopped without saying why.

    `model` is what answered, as the provider names it; it is kept with the turn. `instructions` tells the standing
    instructions apart that it answered under (a hash of the system prompt); both are kept with the attempt.
    """

    usage: Usage
    stop: Literal["complete", "length", "refusal", "cut_short"] = "complete"
    model: str | None = None
    instructions: str | None = None


Chunk = Text | EditProposal | ToolCall | ToolResult | Notice | Usage | Done


class Assistant(Protocol):
    """Provider protocol of `tali_assistants`."""

    def reply(self, conversation: Conversation) -> Iterator[Chunk]:
        """Answer the last message, chunk by chunk, ending in `Done`.

        Runs in an interactive worker, under a deadline. Closing the iterator early (the candidate pressed Stop) must
        end the work behind it. A stream that stops without `Done` is stored as interrupted, with what it had.

        Raises:
            ConfigurationMissing, Transient, Rejected: shown to the candidate as a sentence with a retry.
        """
        ...
