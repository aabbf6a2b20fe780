"""The same walls hold for an operator who is not root: contract and escapes once more, in a process of user 65534."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tali_bubblewrap.node import NoNode, find_node

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]
NOBODY = 65534


def reachable_python() -> str | None:
    """An interpreter of our version that everybody can start; ours may live in root's home."""
    for candidate in (sys.executable, "/usr/bin/python3"):
        real = Path(candidate).resolve()
        if not real.exists() or not all(place.stat().st_mode & 0o001 for place in (real, *real.parents)):
            continue
        question = [candidate, "-c", "import sys; print(sys.version_info[:2])"]
        if subprocess.run(question, capture_output=True, text=True).stdout.strip() == str(sys.version_info[:2]):
            return candidate
    return None


@pytest.mark.parametrize("name", ["test_bubblewrap_contract.py", "test_escapes.py", "test_node_walls.py"])
def test_as_a_normal_user(name: str, setpriv: str, installed_tools: Path) -> None:
    if name == "test_node_walls.py" and isinstance(node := find_node(as_root=True), NoNode):
        pytest.skip(node.reason)
    python = reachable_python()
    if python is None:
        pytest.skip(f"not everybody here can start a Python {sys.version_info.major}.{sys.version_info.minor}")
    # Not beneath pytest's own folder, which only root may enter.
    home = Path("/tmp") / f"tali-normal-user-{os.getpid()}-{name}"
    home.mkdir()
    try:
        shutil.copytree(installed_tools, home / "tools" / "toolchain")
        for place in (home, *home.rglob("*")):
            os.chown(place, NOBODY, NOBODY)
        done = subprocess.run(
            [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", python, "-m", "pytest", "-q",
             "-p", "tali.sdk.testing.pytest_plugin", "-p", "pytest_timeout", "-p", "no:cacheprovider",
             f"--basetemp={home}/base", f"--confcutdir={HERE.parent}", "-W", "error", str(HERE / name)],
            cwd=REPOSITORY,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "TALI_TEST_SANDBOX_DIR": str(home / "tools"),
                "PYTHONPATH": ":".join([str(REPOSITORY / "core"), str(REPOSITORY / "plugins"), *sys.path[1:]]),
                "PYTHONDONTWRITEBYTECODE": "1",
                # Other people's pytest plugins may not fit the interpreter that was found.
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            },
            capture_output=True,
            text=True,
        )  # fmt: skip
    finally:
        shutil.rmtree(home)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " skipped" not in done.stdout, done.stdout
