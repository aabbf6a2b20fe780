"""The contract of sandboxes: what they do for code, and what they never let it do. Programs are in Python."""

# ruff: noqa: S101 - a contract is made of assertions

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tali.sdk.errors import Rejected, SandboxGone, SandboxUnavailable
from tali.sdk.sandboxes import Command, Execution, Limits, Output, Sandbox, SandboxProvider, SandboxRequest

_LIMITS = Limits(wall_seconds=10, cpu_seconds=10)


def run(sandbox: Sandbox, code: str, limits: Limits = _LIMITS, **command: str) -> tuple[str, Execution]:
    """Run Python source; answers with all that it wrote and how it ended."""
    pieces = list(sandbox.run(Command(["python", "-c", code], **command), limits))  # type: ignore[arg-type]
    execution = pieces[-1]
    assert isinstance(execution, Execution), "a run ends in an Execution"
    outputs = [piece for piece in pieces if isinstance(piece, Output)]
    assert len(outputs) == len(pieces) - 1, "a run has exactly one Execution"
    return "".join(piece.text for piece in outputs), execution


class SandboxContract:
    """Subclass this with a fixture `provider` that returns a `SandboxProvider`."""

    @pytest.fixture
    def sandbox(self, provider: SandboxProvider) -> Iterator[Sandbox]:
        """An open sandbox. Skips where the host cannot contain code, with the provider's own words."""
        try:
            provider.check()
        except SandboxUnavailable as reason:
            if not reason.remedy.strip():
                pytest.fail("a host that cannot contain code gets told what to do")
            pytest.skip(str(reason))
        sandbox = provider.open(SandboxRequest(["python"], {"purpose": "contract"}))
        yield sandbox
        sandbox.close()

    def test_output_comes_as_it_is_written(self, sandbox: Sandbox) -> None:
        code = "import time\nprint('first')\ntime.sleep(1)\nprint('second')"
        running = sandbox.run(Command(["python", "-c", code]), _LIMITS)
        seen = [(time.monotonic(), piece.text) for piece in running if isinstance(piece, Output)]
        times = {word: at for at, text in seen for word in text.split()}
        assert times["second"] - times["first"] > 0.5, "output was held back"

    def test_streams_and_exit_code_are_told_apart(self, sandbox: Sandbox) -> None:
        code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
        pieces = list(sandbox.run(Command(["python", "-c", code]), _LIMITS))
        written = dict.fromkeys(("stdout", "stderr"), "")
        for piece in pieces[:-1]:
            assert isinstance(piece, Output)
            written[piece.stream] += piece.text
        assert {name: text.strip() for name, text in written.items()} == {"stdout": "out", "stderr": "err"}
        ending = pieces[-1]
        assert isinstance(ending, Execution)
        assert (ending.exit_code, ending.stopped) == (3, None)

    def test_stdin_and_environment_arrive(self, sandbox: Sandbox) -> None:
        command = Command(
            ["python", "-c", "import os; print(input(), os.environ['COLOUR'])"], "ünï\n", {"COLOUR": "purple"}
        )
        said = "".join(piece.text for piece in sandbox.run(command, _LIMITS) if isinstance(piece, Output))
        assert said.strip() == "ünï purple"

    def test_files_go_in_and_come_out(self, sandbox: Sandbox) -> None:
        sandbox.write({"pack/data.txt": "héllo\n", "old.txt": "old"})
        sandbox.write({"old.txt": "new"})
        code = (
            "import pathlib\npathlib.Path('out.txt').write_text(open('pack/data.txt').read() + open('old.txt').read())"
        )
        _, ending = run(sandbox, code)
        assert ending.exit_code == 0
        assert sandbox.read(["out.txt", "pack/data.txt", "absent.txt"]) == {
            "out.txt": "héllo\nnew",
            "pack/data.txt": "héllo\n",
        }

    @pytest.mark.parametrize("path", ["../escape.txt", "/etc/escape.txt", "a/../../escape.txt", ""])
    def test_a_path_out_of_the_workspace_is_rejected(self, sandbox: Sandbox, path: str) -> None:
        with pytest.raises(Rejected):
            sandbox.write({path: "x"})

    def test_symbolic_links_are_not_followed(self, sandbox: Sandbox, tmp_path: Path) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("host secret")
        run(
            sandbox,
            f"import os; os.symlink({str(secret)!r}, 'link.txt'); os.symlink({str(tmp_path)!r}, 'folder')",
        )
        assert sandbox.read(["link.txt", "folder/secret.txt"]) == {}

    def test_wall_time_is_kept(self, sandbox: Sandbox) -> None:
        started = time.monotonic()
        _, ending = run(sandbox, "import time; time.sleep(30)", Limits(wall_seconds=0.5))
        assert (ending.exit_code, ending.stopped) == (None, "timeout")
        assert ending.limit_note
        assert time.monotonic() - started < 10

    def test_cancel_stops_it_from_another_thread(self, sandbox: Sandbox) -> None:
        sandbox.cancel()
        timer = threading.Timer(0.5, sandbox.cancel)
        timer.start()
        _, ending = run(sandbox, "import time; time.sleep(30)")
        timer.join()
        assert (ending.exit_code, ending.stopped) == (None, "cancelled")

    def test_closing_the_run_early_ends_it(self, sandbox: Sandbox) -> None:
        running = sandbox.run(Command(["python", "-c", "while True: print('x')"]), _LIMITS)
        next(running)
        started = time.monotonic()
        running.close()  # type: ignore[attr-defined]
        assert time.monotonic() - started < 5
        assert run(sandbox, "print('still there')")[0].strip() == "still there"

    def test_too_much_output_is_cut_and_marked(self, sandbox: Sandbox) -> None:
        said, ending = run(sandbox, "print('x' * 1_000_000)", Limits(output_bytes=10_000))
        assert len(said) <= 10_000
        assert ending.truncated

    def test_there_is_no_network(self, sandbox: Sandbox) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            said, _ = run(
                sandbox,
                f"import socket\ntry:\n    socket.create_connection(('127.0.0.1', {port}), 2)\n    print('reached')\n"
                "except OSError as error:\n    print('refused')",
            )
        assert said.strip() == "refused"

    def test_the_hosts_files_and_environment_are_not_there(
        self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TALI_SECRET_FOR_CONTRACT", "host secret")
        (tmp_path / "secret.txt").write_text("host secret")
        code = (
            f"import os, pathlib\nprint(os.path.exists({str(tmp_path)!r}))\n"
            "print(os.environ.get('TALI_SECRET_FOR_CONTRACT'))\n"
            f"print(os.path.exists('/proc/{os.getpid()}/root/{tmp_path}'))\n"
            "print(any(b'host secret' in p.read_bytes() for p in pathlib.Path('/proc').glob('[0-9]*/environ')))"
        )
        said, _ = run(sandbox, code)
        assert said.split() == ["False", "None", "False", "False"]

    def test_processes_are_limited_and_none_outlives_the_run(self, sandbox: Sandbox) -> None:
        code = (
            "import os, time\nforks = 0\ntry:\n    for _ in range(2000):\n        if os.fork() == 0:\n"
            "            time.sleep(60)\n            os._exit(0)\n        forks += 1\n"
            "except OSError:\n    pass\nprint(forks)"
        )
        started = time.monotonic()
        said, ending = run(sandbox, code, Limits(processes=32))
        assert ending.exit_code == 0
        assert int(said) < 64, f"{said.strip()} processes were started"
        assert time.monotonic() - started < 30, "the run waited for processes that it left behind"

    def test_memory_is_limited(self, sandbox: Sandbox) -> None:
        said, ending = run(
            sandbox, "held = bytearray(1 << 30)\nprint('held', len(held))", Limits(memory_bytes=128 * 2**20)
        )
        assert "held 1" not in said
        assert ending.exit_code != 0

    def test_disk_is_limited(self, sandbox: Sandbox) -> None:
        code = (
            "import os\ntotal = 0\nfor folder in ('.', '/tmp', '/dev/shm', '/var/tmp', '/run', '/'):\n    try:\n"
            "        for number in range(64):\n            with open(f'{folder}/fill{number}', 'wb') as file:\n"
            "                for _ in range(8):\n                    total += file.write(bytes(1 << 20))\n"
            "                    file.flush()\n    except OSError:\n        pass\nprint(total >> 20)"
        )
        said, _ = run(sandbox, code, Limits(wall_seconds=30, disk_bytes=64 * 2**20))
        assert int(said.split()[-1]) <= 72, f"{said.strip()} MB were written"

    def test_one_sandbox_does_not_see_another(self, sandbox: Sandbox, provider: SandboxProvider) -> None:
        sandbox.write({"mine.txt": "x"})
        run(sandbox, "open('/tmp/left.txt', 'w').write('x')")
        other = provider.open(SandboxRequest(["python"]))
        try:
            said, _ = run(other, "import os; print(os.path.exists('mine.txt'), os.path.exists('/tmp/left.txt'))")
        finally:
            other.close()
        assert said.split() == ["False", "False"]

    def test_resuming_finds_it_until_it_is_closed(self, sandbox: Sandbox, provider: SandboxProvider) -> None:
        sandbox.write({"kept.txt": "kept"})
        assert provider.resume(sandbox.sandbox_id).read(["kept.txt"]) == {"kept.txt": "kept"}
        sandbox.close()
        sandbox.close()
        with pytest.raises(SandboxGone):
            provider.resume(sandbox.sandbox_id)

    def test_a_language_that_it_has_not_is_told_in_a_sentence(
        self, provider: SandboxProvider, sandbox: Sandbox
    ) -> None:
        assert provider.missing(["python"]) is None
        said = provider.missing(["python", "nothing_like_it"])
        assert said is not None
        assert "nothing_like_it" in said

    def test_preparing_twice_is_quick(self, provider: SandboxProvider, sandbox: Sandbox) -> None:
        provider.prepare(lambda sentence: None)
        started = time.monotonic()
        provider.prepare(lambda sentence: None)
        assert time.monotonic() - started < 1
