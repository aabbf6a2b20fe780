"""`tali up`: a clear word when it cannot start, and nothing left behind when it stops."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tali.cli.embedded import ServiceError
from tali.cli.up import hold_port
from tests.stack import Stack, running_stack, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="tali-up-") as folder:
        Path(folder).chmod(0o755)
        with running_stack(Path(folder)) as running:
            yield running


def tali(stack: Stack, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tali.cli", *arguments],
        env={**stack.environment, **environment}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_it_says_where_everything_is(stack: Stack) -> None:
    assert set(stack.ready) == {"url", "host_page_url", "owner_link", "session_link", "pid"}
    assert stack.ready["pid"] == stack.process.pid
    log = stack.log.read_text()
    for link in (stack.ready["owner_link"], stack.ready["host_page_url"], f"{stack.url}/api/docs"):
        assert link in log


def test_the_other_commands_find_what_runs_here(stack: Stack) -> None:
    assert "No jobs" in tali(stack, "jobs", "list").stdout
    link = tali(stack, "owner-link").stdout.strip()
    assert link.startswith(f"{stack.url}/#/sign-in?token=")
    old = stack.ready["owner_link"].partition("token=")[2]
    refused = stack.client.open("/api/v1/auth/links/redeem", method="POST", headers={}, json={"token": old})
    assert refused.status_code == 401, "a new link ends the one before"
    services = stack.data_dir / "services.json"
    assert services.stat().st_mode & 0o077 == 0


def test_plugins_are_listed_with_what_they_offer(stack: Stack) -> None:
    listed = tali(stack, "plugins").stdout
    for word in ("bubblewrap", "heuristics", "offline", "ok"):
        assert word in listed
    assert "safe mode" in tali(stack, "plugins", TALI_SAFE_MODE="1").stdout


def test_a_second_one_in_the_same_folder_is_refused(stack: Stack) -> None:
    refused = tali(stack, "up")
    assert refused.returncode == 1
    assert "running already" in refused.stderr
    assert stack.client.open("/health", method="GET", headers={}).status_code == 200


def test_a_port_in_use_is_a_clear_sentence(stack: Stack, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = tali(stack, "up", TALI_DATA_DIR=str(tmp_path), TALI_PORT=str(port))
    assert refused.returncode == 1
    assert f"Port {port}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_two_on_one_port_never_answer_in_turns(stack: Stack, tmp_path: Path) -> None:
    """The web server would share its port: whoever came second used to get every other request."""
    port = stack.url.rpartition(":")[2]
    refused = tali(stack, "up", TALI_DATA_DIR=str(tmp_path), TALI_PORT=port)
    assert refused.returncode == 1
    assert f"Port {port}" in refused.stderr
    held = hold_port("127.0.0.1", 0)
    with pytest.raises(ServiceError, match="cannot be used"):
        hold_port("127.0.0.1", held.getsockname()[1])
    held.close()


def test_a_setting_that_does_not_hold_is_a_clear_sentence(stack: Stack, tmp_path: Path) -> None:
    refused = tali(stack, "up", TALI_DATA_DIR=str(tmp_path), TALI_WEB_THREADS="many")
    assert refused.returncode == 1
    assert "TALI_WEB_THREADS" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopping_leaves_no_process(tmp_path_factory: pytest.TempPathFactory, number: signal.Signals) -> None:
    with tempfile.TemporaryDirectory(prefix="tali-stop-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running_stack(folder) as running:
            everything = psutil.Process(running.process.pid).children(recursive=True)
            assert len(everything) > 8
            os.kill(running.process.pid, number)
            running.process.wait(40)
            _, alive = psutil.wait_procs(everything, timeout=20)
            assert [process.name() for process in alive] == []
        with running_stack(folder) as again:
            assert again.client.open("/health", method="GET", headers={}).status_code == 200


def test_a_killed_child_is_started_again_with_the_reason(stack: Stack) -> None:
    [dispatcher] = stack.processes()["dispatcher"]
    dispatcher.kill()
    wait_until(lambda: "dispatcher was killed by SIGKILL; starting it again" in stack.log.read_text(), 20)
    wait_until(lambda: [p for p in stack.processes().get("dispatcher", []) if p.pid != dispatcher.pid], 20)
