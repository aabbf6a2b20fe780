"""`tali tasks`: task folders to and from a server, over its API, and checked on this machine."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tali.cli.remote import Refused, Server
from tali.grading import service as grading
from tali.grading.validation import TIMES, ValidationRun
from tali.kernel.settings import Settings
from tali.plugins import PluginFault, ProviderUnknown
from tali.sdk import PluginError
from tali.tasks.content import ORIGINAL, TaskContent, TaskContentSchema
from tali.tasks.folder import TaskFolderError, dump, load, record_tests

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
STEPS = {"reference": "reference", "starter": "starter", "visible_tests": "visible tests", "starting": "starting"}


@click.group()
def tasks() -> None:
    """Task folders."""


def _with_server(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which server, and hand it over open."""

    @click.option(
        "--url", envvar="TALI_URL", default="http://127.0.0.1:8000", show_default=True, help="Or set TALI_URL."
    )
    @click.option(
        "--api-key",
        envvar="TALI_API_KEY",
        required=True,
        help="A key from Settings → API keys; it says which organisation. Or set TALI_API_KEY.",
    )
    @functools.wraps(command)
    def wrapped(url: str, api_key: str, **options: Any) -> None:
        with Server(url, api_key) as server:
            command(server=server, **options)

    return wrapped


def _load(folder: Path) -> TaskContent:
    try:
        return load(folder)
    except TaskFolderError as error:
        raise click.ClickException("\n".join(error.problems)) from None


@tasks.command("validate")
@click.argument("folder", type=FOLDER)
@click.option("--times", default=TIMES, show_default=True, help="How often the reference must pass.")
@click.option(
    "--record", is_flag=True, help="Write validation.toml, so that hosts that cannot run code can publish it."
)
def validate_(folder: Path, times: int, record: bool) -> None:
    """Check a task folder in this machine's sandbox: the reference passes, the starter does not."""
    from tali.application import create_resources
    from tali.cli.extensions import without_services
    from tali.tasks.validation import validate

    content = _load(folder)
    settings = Settings.from_environment()
    resources = create_resources(without_services(settings), application="tali-cli", pool_size=1)

    def watch(variant: str, ended: ValidationRun) -> None:
        label = "" if variant == ORIGINAL else f"{variant}, "
        passed = sum(result.passed for result in ended.run.results)
        click.echo(f"  · {label}{STEPS[ended.step]}: {passed} of {len(ended.run.results)} tests passed", err=True)

    try:
        provider = resources.plugins.sandbox(settings.sandbox)
        provider.prepare(click.echo)
        if (why := grading.unavailable(provider, content.languages)) is not None:
            raise click.ClickException(why)
        validation = validate(provider, content, times, watch)
    except (PluginError, PluginFault, ProviderUnknown) as error:
        raise click.ClickException(str(error)) from None
    for problem in validation.problems:
        click.echo(problem, err=True)
    if not validation.valid:
        raise click.ClickException(f"{content.slug} does not validate.")
    if record:
        record_tests(folder, content, validation.tests)
    click.echo(f"{content.slug}: {len(validation.tests)} hidden tests, slowest run {validation.slowest_ms} ms. Valid.")


@tasks.command("push")
@click.argument("folder", type=FOLDER)
@click.option("--draft", is_flag=True, help="Save it as the task's draft, and publish nothing.")
@click.option("--overwrite", is_flag=True, help="Also when the task's draft has changes that were never published.")
@_with_server
def push_(server: Server, folder: Path, draft: bool, overwrite: bool) -> None:
    """Send a task folder to a server, which validates it and publishes it as the task's newest version."""
    content = _load(folder)
    task_id, revision = _save(server, content, overwrite)
    if draft:
        click.echo(f"{content.slug} is saved as a draft.")
        return
    try:
        server.call("POST", f"/tasks/{task_id}/publish", json={"revision": revision})
    except Refused as refused:
        if refused.code != "version_exists":
            raise
        click.echo(f"{content.slug} is published already, as version {refused.answer['number']}.")
        return
    ended = _wait(server, task_id)
    for problem in ended["problems"]:
        click.echo(problem, err=True)
    if ended["state"] != "passed":
        raise click.ClickException(
            f"{content.slug} is not published; what was sent is its draft. Mend the folder and push it again with "
            "--overwrite."
        )
    click.echo(f"{content.slug} is published as version {ended['version_number']}.")


def _save(server: Server, content: TaskContent, overwrite: bool) -> tuple[str, int]:
    listed = server.call("GET", "/tasks", params={"slug": content.slug})["data"]
    if not listed:
        created = server.call("POST", "/tasks", json=content.to_data())
        return created["id"], created["draft"]["revision"]
    task = server.call("GET", f"/tasks/{listed[0]['id']}")
    present = _content(task["draft"]["content"])
    revision: int = task["draft"]["revision"]
    if present.content_hash() == content.content_hash():
        return task["id"], revision
    if not overwrite and revision and present.content_hash() != _published_hash(server, task):
        raise click.ClickException(
            f"The draft of {content.slug} has changes that were never published (saved {task['draft']['updated_at']}). "
            "Look at them with `tali tasks pull --draft`, or push with --overwrite."
        )
    saved = server.call("PUT", f"/tasks/{task['id']}/draft", json={"revision": revision, "content": content.to_data()})
    return task["id"], saved["revision"]


def _published_hash(server: Server, task: dict[str, Any]) -> str | None:
    if task["version"] is None:
        return None
    version = server.call("GET", f"/tasks/{task['id']}/versions/{task['version']['number']}")
    return _content(version["content"]).content_hash()


def _content(document: dict[str, Any]) -> TaskContent:
    loaded: TaskContent = TaskContentSchema().load(document)
    return loaded


def _wait(server: Server, task_id: str) -> dict[str, Any]:
    shown = None
    while True:
        validation = server.call("GET", f"/tasks/{task_id}/validation")
        if validation["state"] not in {"queued", "running"}:
            return validation
        now = (validation["done"], validation["total"])
        if now != shown:
            shown = now
            click.echo(f"  · {now[0]} of {now[1]} runs", err=True)
        time.sleep(0.5)


@tasks.command("pull")
@click.argument("slug")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--version", "number", type=click.IntRange(1, 32767), help="Default: the newest one.")
@click.option("--draft", is_flag=True, help="The draft, in place of a version.")
@_with_server
def pull(server: Server, slug: str, folder: Path, number: int | None, draft: bool) -> None:
    """Write a task of a server to a folder, as it was pushed."""
    listed = server.call("GET", "/tasks", params={"slug": slug})["data"]
    if not listed:
        raise click.ClickException(f"There is no task {slug}.")
    if draft:
        task = server.call("GET", f"/tasks/{listed[0]['id']}")
        _write(_content(task["draft"]["content"]), folder, None)
        click.echo(f"The draft of {slug} (revision {task['draft']['revision']}) is in {folder}.")
        return
    if listed[0]["version"] is None:
        raise click.ClickException(f"{slug} was never published. Its draft comes with --draft.")
    chosen = number or listed[0]["version"]["number"]
    version = server.call("GET", f"/tasks/{listed[0]['id']}/versions/{chosen}")
    _write(_content(version["content"]), folder, version["hidden_test_names"])
    click.echo(f"{slug} version {chosen} is in {folder}.")


def _write(content: TaskContent, folder: Path, tests: list[str] | None) -> None:
    try:
        dump(content, folder)
        if tests:
            record_tests(folder, content, tests)
    except OSError as error:
        raise click.ClickException(str(error)) from None
