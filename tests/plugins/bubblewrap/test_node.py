"""Which Node.js JavaScript runs on, and what is said where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tali.sdk import Command, Execution, Limits, Output, PluginContext, Rejected, SandboxRequest, SandboxUnavailable
from tali_bubblewrap import tali_sandboxes
from tali_bubblewrap.node import Node, NoNode, find_node
from tali_bubblewrap.provider import BubblewrapProvider


def pretend(folder: Path, version: str) -> Path:
    """A program that says it is Node.js of that version, where everybody can reach it."""
    program = folder / "node"
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not beneath pytest's own folder, which only its owner may enter.
    folder = Path("/tmp") / f"tali-node-{os.getpid()}"
    folder.mkdir()
    folder.chmod(0o755)
    find_node.cache_clear()
    yield folder
    find_node.cache_clear()
    shutil.rmtree(folder)


def provider_with(context: PluginContext, bubblewrap: BubblewrapProvider, node: Path) -> BubblewrapProvider:
    own = replace(context, data_dir=bubblewrap._context.data_dir)
    provider = tali_sandboxes().create({"python": "", "node": str(node), "places": 64}, own)
    assert isinstance(provider, BubblewrapProvider)
    return provider


def test_the_first_that_is_new_enough_is_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = pretend(folder, "v22.1.0-nightly")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    assert find_node(as_root=True) == Node(program, False, "22.1.0")


@pytest.mark.parametrize("version", ["v20.18.9", "v8.0.0", "hello", "v21"])
def test_one_that_is_too_old_is_refused_by_name(folder: Path, version: str) -> None:
    program = pretend(folder, version)
    found = find_node(str(program))
    assert isinstance(found, NoNode)
    assert found.reason == f"{program} is not Node.js 20.19 or newer."
    assert "TALI_SANDBOX_NODE" in found.remedy


def test_one_that_others_cannot_reach_is_of_no_use_to_root(folder: Path) -> None:
    program = pretend(folder, "v22.0.0")
    folder.chmod(0o700)
    assert isinstance(find_node(str(program), as_root=False), Node)
    found = find_node(str(program), as_root=True)
    assert isinstance(found, NoNode)
    assert "cannot reach" in found.reason


def test_without_node_javascript_is_not_available_and_python_is(
    plugin_context: PluginContext, bubblewrap: BubblewrapProvider, tmp_path: Path
) -> None:
    provider = provider_with(plugin_context, bubblewrap, tmp_path / "absent")
    said = provider.missing(["javascript"])
    assert said is not None
    assert said.startswith("JavaScript is not available here. There is no Node.js at ")
    assert provider.missing(["python"]) is None
    assert provider.missing(["python", "cobol"]) == "The local sandbox has no toolchain for cobol."
    with pytest.raises(SandboxUnavailable) as refused:
        provider.open(SandboxRequest(["javascript"]))
    assert str(refused.value) == said
    assert isinstance(refused.value, Rejected)
    provider.open(SandboxRequest(["python"])).close()


def test_a_node_that_lies_elsewhere_is_shown_alone_and_read_only(
    plugin_context: PluginContext, bubblewrap: BubblewrapProvider, folder: Path
) -> None:
    real = find_node()
    if isinstance(real, NoNode):
        pytest.skip(real.reason)
    shutil.copyfile(real.executable, folder / "node")
    (folder / "node").chmod(0o755)
    (folder / "secret.txt").write_text("secret")
    sandbox = provider_with(plugin_context, bubblewrap, folder / "node").open(SandboxRequest(["javascript"]))
    code = (
        "const fs = require('fs');\nconsole.log(process.execPath, fs.existsSync(process.argv[1]));\n"
        "try { fs.writeFileSync(process.execPath, ''); console.log('written'); } catch (e) { console.log(e.code); }"
    )
    try:
        *said, ending = sandbox.run(Command(["node", "-e", code, str(folder / "secret.txt")]), Limits())
    finally:
        sandbox.close()
    assert isinstance(ending, Execution)
    lines = "".join(piece.text for piece in said if isinstance(piece, Output)).split()
    assert lines[:2] == ["/opt/tali/bin/node", "false"]
    assert lines[2] in ("EROFS", "ETXTBSY", "EACCES", "EPERM")
