"""Node.js inside the walls: it has more addresses than other programs, and no more of anything else."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tali.sdk import Command, Execution, Limits, Output, Sandbox, SandboxProvider, SandboxRequest


@pytest.fixture
def sandbox(bubblewrap: SandboxProvider) -> Iterator[Sandbox]:
    if (why := bubblewrap.missing(["javascript"])) is not None:
        pytest.skip(why)
    sandbox = bubblewrap.open(SandboxRequest(["javascript"]))
    yield sandbox
    sandbox.close()


def run(sandbox: Sandbox, argv: list[str], limits: Limits) -> tuple[str, Execution]:
    *said, ending = sandbox.run(Command(argv), limits)
    assert isinstance(ending, Execution)
    return "".join(piece.text for piece in said if isinstance(piece, Output)), ending


@pytest.mark.parametrize(
    "hoard",
    [
        "const held = []; for (;;) held.push(Buffer.alloc(1e7, 1));",
        "const held = []; for (;;) held.push({ text: String(held.length) });",
        "const held = []; for (;;) held.push(new Uint8Array(new SharedArrayBuffer(1e7)).fill(1));",
    ],
)
def test_memory_is_limited(sandbox: Sandbox, hoard: str) -> None:
    said, ending = run(sandbox, ["node", "-e", hoard], Limits(memory_bytes=256 * 2**20))
    assert ending.exit_code != 0
    assert ending.stopped in (None, "memory", "killed")
    assert ending.peak_memory_bytes is None or ending.peak_memory_bytes <= 257 * 2**20
    assert said or ending.limit_note


def test_another_program_in_there_gets_no_more_memory(sandbox: Sandbox) -> None:
    """What it gets beyond the limit is what Node.js has of its own before the program begins."""
    said, ending = run(sandbox, ["python", "-c", "held = bytearray(1 << 30); print('held')"], Limits())
    assert (said.endswith("held\n"), ending.exit_code) == (False, 1)


def test_processes_are_limited_and_none_outlives_the_run(sandbox: Sandbox) -> None:
    code = (
        "const { spawn } = require('node:child_process'); let refused = 0, started = 0;\n"
        "for (let n = 0; n < 100; n += 1) {\n"
        "  const child = spawn('/bin/sleep', ['60'], { detached: true, stdio: 'ignore' });\n"
        "  child.on('error', () => {}); child.unref();\n"
        "  child.pid === undefined ? refused += 1 : started += 1;\n"
        "}\nconsole.log(started, refused);"
    )
    began = time.monotonic()
    said, ending = run(sandbox, ["node", "-e", code], Limits(processes=32))
    started, refused = map(int, said.split())
    assert ending.exit_code == 0
    assert started < 32
    assert refused > 60
    assert time.monotonic() - began < 10


def test_there_is_no_network_and_no_host(sandbox: Sandbox) -> None:
    code = (
        "const net = require('node:net');\n"
        "console.log(require('node:fs').existsSync('/home'), process.getuid());\n"
        "net.connect(80, '1.1.1.1').on('error', (error) => console.log(error.code));"
    )
    said, _ = run(sandbox, ["node", "-e", code], Limits())
    assert said.split() == ["false", "1000", "ENETUNREACH"]
