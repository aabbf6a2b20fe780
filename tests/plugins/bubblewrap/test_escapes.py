"""What candidate code tries in order to get out, get more, or stay; run as whoever runs the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tali.sdk import Command, Execution, Limits, Output, Rejected, Sandbox, SandboxGone, SandboxProvider, SandboxRequest


@pytest.fixture
def sandbox(bubblewrap: SandboxProvider) -> Iterator[Sandbox]:
    sandbox = bubblewrap.open(SandboxRequest(["python"]))
    yield sandbox
    sandbox.close()


def run(sandbox: Sandbox, code: str, **limits: float) -> tuple[str, Execution]:
    bounds = Limits(**limits)  # type: ignore[arg-type]
    pieces = list(sandbox.run(Command(["python", "-c", textwrap.dedent(code)]), bounds))
    ending = pieces[-1]
    assert isinstance(ending, Execution)
    return "".join(piece.text for piece in pieces if isinstance(piece, Output)), ending


def processes_with(mark: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def wait_until_gone(mark: str) -> list[int]:
    deadline = time.monotonic() + 5
    while (left := processes_with(mark)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def test_system_calls_that_namespaces_do_not_cover_are_refused(sandbox: Sandbox) -> None:
    said, _ = run(
        sandbox,
        """
        import ctypes, errno, os, socket
        libc = ctypes.CDLL(None, use_errno=True)
        def attempt(name, *arguments):
            ctypes.set_errno(0)
            done = getattr(libc, name)(*arguments)
            print(name, "done" if done >= 0 else errno.errorcode[ctypes.get_errno()])
        attempt("memfd_create", b"x", 0)
        attempt("shmget", 0, 1 << 20, 0o1600)
        attempt("unshare", 0x10000000)
        attempt("mount", b"none", b"/tmp", b"tmpfs", 0, None)
        attempt("ptrace", 16, 1, 0, 0)
        attempt("setns", 0, 0)
        for family in (40, 38, 17):  # vsock, alg, packet
            try:
                socket.socket(family, socket.SOCK_STREAM if family == 40 else socket.SOCK_RAW)
                print(family, "done")
            except OSError as error:
                print(family, errno.errorcode[error.errno])
        """,
    )
    assert said.split()[1::2] == ["EPERM"] * 9, said


def test_what_ordinary_programs_need_still_works(sandbox: Sandbox) -> None:
    said, ending = run(
        sandbox,
        """
        import asyncio, multiprocessing, socket, sqlite3, subprocess, tempfile, threading
        def square(number): return number * number
        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(2) as pool:
                print(pool.map(square, [2, 3]))
            print(subprocess.run(["/bin/echo", "child"], capture_output=True, text=True).stdout.strip())
            with tempfile.NamedTemporaryFile() as file: file.write(b"x")
            server = socket.create_server(("127.0.0.1", 0)); socket.create_connection(server.getsockname()).close()
            sqlite3.connect("data.db").execute("create table t (x)")
            asyncio.run(asyncio.sleep(0))
            thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
        """,
    )
    assert (said.split("\n")[:3], ending.exit_code) == (["[4, 9]", "child", "thread"], 0)


def test_the_system_cannot_be_written_to(sandbox: Sandbox) -> None:
    said, _ = run(
        sandbox,
        """
        import os
        for place in ("/", "/usr", "/usr/bin", "/etc", "/dev", "/proc", "/run", "/opt/tali/bin", "/usr/local"):
            try:
                open(place + "/planted", "w")
                print("wrote to", place)
            except OSError:
                pass
        for switch in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/self/uid_map"):
            try:
                os.write(os.open(switch, os.O_WRONLY), b"x")
                print("wrote to", switch)
            except OSError:
                pass
        """,
    )
    assert said == ""


def test_it_is_nobody_special_inside(sandbox: Sandbox) -> None:
    said, _ = run(
        sandbox,
        """
        import os
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        print(os.getuid(), *(status[name].strip("\\t\\n 0") or "0" for name in ("CapEff", "CapPrm", "CapBnd")))
        print(status["NoNewPrivs"].strip(), status["Seccomp"].strip())
        print(sorted(os.listdir("/proc/self/fd"))[:3], len(os.listdir("/proc/self/fd")))
        print(sorted(name for name in os.listdir("/proc") if name.isdigit()))
        """,
    )
    lines = said.splitlines()
    assert lines[0] == "1000 0 0 0"
    assert lines[1] in ("1 2", "1 0")
    assert lines[2] == "['0', '1', '2'] 4"
    assert len(lines[3].split(",")) == 2


def test_signals_reach_no_further_than_the_sandbox(sandbox: Sandbox) -> None:
    said, ending = run(
        sandbox,
        """
        import os, signal
        for pid in (os.getppid(), 1):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError as error:
                print(error)
        print("alive")
        """,
    )
    assert (said.splitlines()[-1], ending.exit_code) == ("alive", 0)
    _, ending = run(sandbox, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert (ending.stopped, ending.exit_code) == ("killed", None)


def test_nothing_outlives_a_run(sandbox: Sandbox) -> None:
    mark = f"mark-{uuid.uuid4().hex}"
    said, ending = run(
        sandbox,
        f"""
        import os, subprocess
        for _ in range(3):
            subprocess.Popen(["python", "-c", "import time; time.sleep(600)", {mark!r}], start_new_session=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        print("started")
        """,
    )
    assert (said.strip(), ending.exit_code) == ("started", 0)
    assert processes_with(mark) == []


def test_closing_the_iterator_ends_every_process(sandbox: Sandbox) -> None:
    mark = f"mark-{uuid.uuid4().hex}"
    code = (
        f"import subprocess, time\nsubprocess.Popen(['sleep', '600', '--', {mark!r}][:2])\nprint('up')\ntime.sleep(600)"
    )
    running = sandbox.run(Command(["python", "-c", code, mark]), Limits(wall_seconds=60))
    next(running)
    assert processes_with(mark)
    running.close()  # type: ignore[attr-defined]
    assert processes_with(mark) == []


def test_a_killed_worker_takes_its_runs_along(tmp_path: Path) -> None:
    mark = f"mark-{uuid.uuid4().hex}"
    worker = f"""
import datetime, logging, pathlib
from tali.sdk import *
from tali_bubblewrap import tali_sandboxes
now = lambda: datetime.datetime.now(datetime.UTC)
context = PluginContext("bubblewrap", None, logging.getLogger(), now, None, None, pathlib.Path({str(tmp_path)!r}))
sandbox = tali_sandboxes().create({{"python": "", "places": 4}}, context).open(SandboxRequest(["python"]))
command = Command(["python", "-c", "import time; print(1); time.sleep(600)", {mark!r}])
for piece in sandbox.run(command, Limits(600, 600)):
    print("running", flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", worker], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": ":".join(sys.path)}
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == b"running\n"
        assert processes_with(mark)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert wait_until_gone(mark) == []


def test_memory_is_bounded_over_all_processes(sandbox: Sandbox) -> None:
    _, ending = run(
        sandbox,
        """
        import os, time
        for _ in range(6):
            if os.fork() == 0:
                held = bytearray(60 << 20)
                for place in range(0, len(held), 4096): held[place] = 1
                time.sleep(2)
                os._exit(0)
        codes = [os.wait()[1] for _ in range(6)]
        raise SystemExit(1 if any(codes) else 0)
        """,
        memory_bytes=160 * 2**20,
        wall_seconds=20,
    )
    assert (ending.stopped, ending.exit_code) == ("memory", None)


def test_processor_time_is_bounded(sandbox: Sandbox) -> None:
    _, ending = run(sandbox, "while True: pass", cpu_seconds=1, wall_seconds=20)
    assert (ending.stopped, ending.exit_code) == ("timeout", None)
    assert ending.limit_note == "stopped after 1 s of processor time"


def test_no_file_grows_past_its_limit(sandbox: Sandbox) -> None:
    said, _ = run(
        sandbox,
        """
        import os
        try:
            with open("big", "wb") as file: file.write(bytes(3 << 20))
        except OSError as error:
            print(error.errno)
        try:
            os.truncate("big", 1 << 40)
        except OSError as error:
            print(error.errno)
        """,
        file_bytes=2**20,
    )
    assert said.split() == ["27", "27"]


def test_a_flood_of_output_is_stopped_and_costs_no_memory(sandbox: Sandbox) -> None:
    said, ending = run(sandbox, "while True: print('x' * 10_000)", output_bytes=20_000, wall_seconds=20)
    assert (ending.stopped, ending.truncated, len(said)) == ("output", True, 20_000)


def test_wall_time_holds_while_nobody_reads(sandbox: Sandbox) -> None:
    running = sandbox.run(
        Command(["python", "-c", "while True: print('x')"]), Limits(wall_seconds=0.5, output_bytes=10**9)
    )
    next(running)
    time.sleep(1)
    started = time.monotonic()
    *_, ending = running
    assert isinstance(ending, Execution)
    assert (ending.stopped, time.monotonic() - started < 1) == ("timeout", True)


def test_reading_back_meets_no_trap(sandbox: Sandbox) -> None:
    run(
        sandbox,
        """
        import os
        os.mkfifo("fifo"); os.mkdir("folder"); open("real", "w").write("fine")
        os.symlink("real", "link"); os.symlink("/etc/passwd", "out"); os.symlink(".", "loop"); os.symlink("/", "root")
        os.link("real", "hard"); open("bytes", "wb").write(b"\\xff\\xfe"); open("large", "w").write("x" * 2000)
        """,
    )
    names = ["fifo", "folder", "real", "link", "out", "loop/real", "root/etc/passwd", "hard", "bytes", "large"]
    assert sandbox.read(names, max_bytes=1000) == {"real": "fine", "hard": "fine", "bytes": "\ufffd\ufffd"}
    with pytest.raises(Rejected):
        sandbox.read(["../etc/passwd"])


def test_what_a_run_leaves_is_there_for_the_next_one(sandbox: Sandbox) -> None:
    sandbox.write({"kept.txt": "kept", "folder": "was a file"})
    run(
        sandbox,
        """
        import os
        os.remove("folder"); os.makedirs("folder/deep"); open("folder/deep/new.txt", "w").write("new")
        open("odd\\nname", "w").write("odd"); open(b"\\xffbytes", "w").write("raw"); os.remove("kept.txt")
        """,
    )
    said, _ = run(
        sandbox, "import os; print(sorted(os.fsencode(n) for n in os.listdir('.')), open('folder/deep/new.txt').read())"
    )
    assert said.strip() == "[b'folder', b'odd\\nname', b'\\xffbytes'] new"
    sandbox.write({"folder": "a file again"})
    assert run(sandbox, "print(open('folder').read())")[0].strip() == "a file again"


@pytest.mark.parametrize(
    "mess",
    [
        "for n in range(400): open(f'f{n}', 'w')",
        "import os\nfor n in range(40): os.mkdir('d'); os.chdir('d')",
        "import os\nfor n in range(20):\n    open(f'f{n}', 'w'); os.truncate(f'f{n}', 15 << 20)",
    ],
    ids=["many files", "deep folders", "sparse files"],
)
def test_a_mess_costs_the_sandbox_and_nothing_else(sandbox: Sandbox, mess: str) -> None:
    run(sandbox, mess)
    with pytest.raises(SandboxGone):
        sandbox.write({"next.py": ""})


def test_a_name_is_never_an_option(sandbox: Sandbox) -> None:
    sandbox.write({"--tmpfs": "x", "a b/--ro-bind": "y"})
    assert run(sandbox, "print(open('--tmpfs').read() + open('a b/--ro-bind').read())")[0].strip() == "xy"


def test_a_program_that_does_not_exist_is_an_ordinary_failure(sandbox: Sandbox) -> None:
    *said, ending = sandbox.run(Command(["no-such-program"]), Limits())
    assert isinstance(ending, Execution)
    assert (ending.exit_code, ending.stopped) == (127, None)
    assert "no-such-program" in "".join(piece.text for piece in said if isinstance(piece, Output))
