"""`tali tasks` against a server: what was pushed is pulled again, byte for byte, and errors are sentences."""

from __future__ import annotations

import filecmp
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from tali.cli import main, remote
from tali.cli.exercises import _wait
from tali.sdk import SandboxUnavailable
from tali.tasks import service
from tali.tasks.content import TaskContentSchema
from tali.tasks.folder import dump, library, load, recorded_tests
from tests.tasks.conftest import SMALL_TASK, SOLVED

Command = Callable[..., Result]


@pytest.fixture
def tali(app, tenant, run_jobs, monkeypatch) -> Iterator[Command]:
    """The command, talking to the application in this process; its jobs run while the command waits."""
    key = tenant.call("POST", "/api-keys", json={"name": "CI"}).json["key"]
    transport = httpx.WSGITransport(app=app)
    made = remote.Server.__init__

    def connect(self: remote.Server, url: str, api_key: str, transport: httpx.BaseTransport = transport) -> None:
        made(self, url, api_key, transport)

    def wait(server: remote.Server, task_id: str) -> dict[str, Any]:
        run_jobs(tenant)
        return _wait(server, task_id)

    monkeypatch.setattr(remote.Server, "__init__", connect)
    monkeypatch.setattr("tali.cli.exercises._wait", wait)

    def run(*arguments: object, **environment: str) -> Result:
        own = {"TALI_URL": "http://tali.test", "TALI_API_KEY": key, **environment}
        return CliRunner().invoke(main, ["tasks", *map(str, arguments)], env=own)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "a-small-task"
    dump(TaskContentSchema().load(SMALL_TASK), path)
    return path


def files_of(folder: Path) -> set[str]:
    kept = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in kept}


@pytest.mark.parametrize("slug", sorted(library()))
def test_a_bundled_task_comes_back_byte_for_byte(slug: str, tali: Command, tenant, resources, tmp_path: Path) -> None:
    source = library()[slug]
    assert tali("push", source, "--draft").exit_code == 0
    assert tali("pull", slug, tmp_path / "draft", "--draft").exit_code == 0
    names = files_of(source)
    assert files_of(tmp_path / "draft") == names - {"validation.toml"}
    assert filecmp.cmpfiles(source, tmp_path / "draft", names - {"validation.toml"}, shallow=False)[1:] == ([], [])
    # As a version: published by its record, so that this needs no sandbox.
    content = load(source)
    with resources.database.tenant(tenant.organization_id) as session:
        service.publish(session, tenant.organization_id, content, recorded_tests(source, content) or [])
    pulled = tali("pull", slug, tmp_path / "version")
    assert pulled.exit_code == 0, pulled.output
    assert files_of(tmp_path / "version") == names
    assert filecmp.cmpfiles(source, tmp_path / "version", names, shallow=False)[1:] == ([], [])


def test_pushing_validates_publishes_and_says_so(
    tali: Command, tenant, resources, folder: Path, tmp_path: Path
) -> None:
    try:
        resources.plugins.sandbox(resources.settings.sandbox).check()
    except SandboxUnavailable as reason:
        pytest.skip(str(reason))
    pushed = tali("push", folder)
    assert pushed.exit_code == 0, pushed.output
    assert "a-small-task is published as version 1." in pushed.output
    assert "is published already, as version 1." in tali("push", folder).output
    (folder / "brief.md").write_text("# Another brief\n")
    assert "is published as version 2." in tali("push", folder).output
    assert tali("pull", "a-small-task", tmp_path / "one", "--version", "1").exit_code == 0
    assert load(tmp_path / "one") == TaskContentSchema().load(SMALL_TASK)
    (folder / "starter" / "cart.py").write_text(SOLVED)
    refused = tali("push", folder)
    assert refused.exit_code == 1
    assert "The starter passes every hidden test already" in refused.output
    assert "is not published" in refused.output


def test_a_colleagues_unpublished_draft_is_not_written_over_by_accident(tali: Command, tenant, folder: Path) -> None:
    made = tenant.call("POST", "/tasks", json={**SMALL_TASK, "title": "Mine"}).json
    refused = tali("push", folder, "--draft")
    assert refused.exit_code == 1
    assert "has changes that were never published" in refused.output
    assert tenant.call("GET", f"/tasks/{made['id']}").json["title"] == "Mine"
    assert tali("push", folder, "--draft", "--overwrite").exit_code == 0
    assert tenant.call("GET", f"/tasks/{made['id']}").json["title"] == SMALL_TASK["title"]


def test_what_goes_wrong_is_one_sentence(tali: Command, tenant, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("")
    tenant.call("POST", "/tasks", json=SMALL_TASK)
    for arguments, environment, told in [
        (("push", folder), {"TALI_API_KEY": "tali_sk_wrong"}, "This API key is not known."),  # pragma: allowlist secret
        (("push", folder), {"TALI_API_KEY": ""}, "Missing option '--api-key'"),
        (("push", folder), {"TALI_URL": "tali.test"}, "tali.test is not an address."),
        (("push", tmp_path), {}, "task.toml: is missing."),
        (("pull", "nothing", tmp_path / "x"), {}, "There is no task nothing."),
        (("pull", "a-small-task", tmp_path / "x"), {}, "was never published. Its draft comes with --draft."),
        (("pull", "webhook-redeliveries", tmp_path / "full"), {}, "is not empty"),
        (("pull", "webhook-redeliveries", tmp_path / "x", "--version", "9"), {}, "This task has no such version."),
    ]:
        answer = tali(*arguments, **environment)
        assert answer.exit_code != 0
        assert told in answer.output, answer.output
        assert "Traceback" not in answer.output


def test_a_server_that_is_down_or_something_else_is_named() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    for handler, told in [
        (refuse, "http://tali.test does not answer: connection refused"),
        (lambda request: httpx.Response(200, text="<html>"), "is no TALI: it answered 200 without JSON"),
    ]:
        with (
            remote.Server("http://tali.test", "k", httpx.MockTransport(handler)) as server,
            pytest.raises(Exception, match=told),
        ):
            server.call("GET", "/tasks")
