"""A sandbox and an assistant that cost no time, and do what the candidate's code or message asks of them.

They offer themselves as any plugin does. The real ones are chosen now and then; what a sandbox *is* has its own tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tali.plugins import Provider
from tali.sdk import (
    Command,
    Done,
    Execution,
    Output,
    ProviderSpec,
    Rejected,
    SandboxRequest,
    SandboxUnavailable,
    Text,
    Usage,
)

MOODS = ("pass", "fail", "unavailable", "refuse", "break")
_MOOD = re.compile(r"^# mood: (\w+)$", re.MULTILINE)


def in_mood(mood: str, code: str) -> str:
    """The code, as a candidate who wants the sandbox to behave so would leave it."""
    return f"# mood: {mood}\n" + _MOOD.sub("# ", code)


class QuickSandbox:
    sandbox_id = "quick"

    def __init__(self) -> None:
        self.files: dict[str, str] = {}

    def write(self, files: Any) -> None:
        self.files |= dict(files)
        mood = self._mood()
        if mood == "refuse":
            raise Rejected("These files are refused.")
        if mood == "unavailable":
            raise SandboxUnavailable("Nothing runs here.", "Ask later.")

    def _mood(self) -> str:
        found = [hit[1] for code in self.files.values() if (hit := _MOOD.search(code))]
        return found[0] if found else "fail"

    def read(self, paths: Sequence[str], max_bytes: int = 0) -> dict[str, str]:
        return {path: self.files[path] for path in paths if path in self.files}

    def run(self, command: Command, limits: Any) -> Iterator[Output | Execution]:
        mood = self._mood()
        if mood == "break":
            raise RuntimeError("a fault of the plugin")
        if "--junitxml" in command.argv:
            report = command.argv[command.argv.index("--junitxml") + 1]
            fault = "" if mood == "pass" else "<failure>no</failure>"
            case = f'<testcase classname="test_unseen" name="test_adds">{fault}</testcase>'
            self.files[report] = f"<testsuites><testsuite>{case}</testsuite></testsuites>"
            yield Execution(0 if mood == "pass" else 1, 3)
        elif command.toolchain:
            yield Execution(0, 1)
        else:
            yield Output("stdout", "ran\n")
            yield Execution(0 if mood == "pass" else 1, 2)

    def cancel(self) -> None:
        """Nothing takes time here."""

    def close(self) -> None:
        self.files.clear()


class QuickSandboxes:
    def check(self) -> None:
        """Always there."""

    def missing(self, languages: Sequence[str]) -> str | None:
        return None

    def prepare(self, progress: Any) -> None:
        """Nothing to install."""

    def open(self, request: SandboxRequest) -> QuickSandbox:
        return QuickSandbox()

    def resume(self, sandbox_id: str) -> QuickSandbox:
        return QuickSandbox()


class MoodyAssistant:
    def reply(self, conversation: Any) -> Iterator[Text | Done]:
        asked = conversation.messages[-1].text
        yield Text("Well. ")
        if "refuse" in asked:
            raise Rejected("Not this.")
        if "break" in asked:
            raise RuntimeError("a fault of the plugin")
        if "stop" in asked:
            return
        yield Text("So it is.")
        yield Done(Usage(3, 2), model="moody-1")


def offered() -> dict[tuple[str, str], Provider]:
    """What a plugin manager holds of them."""
    sandboxes = ProviderSpec("quick", "Quick", lambda settings, context: QuickSandboxes())
    assistant = ProviderSpec("moody", "Moody", lambda settings, context: MoodyAssistant())
    return {
        ("sandboxes", "quick"): Provider("sandboxes", "bubblewrap", sandboxes),
        ("assistants", "moody"): Provider("assistants", "offline", assistant),
    }
