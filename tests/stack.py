"""The whole product as processes: `tali up` with two web processes, workers and dispatcher, on ports of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import httpx
import psutil
import psycopg

from tests.candidate import Candidate, Reply

SANDBOX_TOOLS = Path(
    os.environ.get("TALI_TEST_SANDBOX_DIR", Path(__file__).parents[1] / ".tali" / "tests" / "bubblewrap")
)


class _Answer:
    """httpx's response, as Flask's test client names things."""

    def __init__(self, response: httpx.Response) -> None:
        self.status_code = response.status_code
        self.headers = response.headers
        self._response = response

    def get_json(self, silent: bool = False) -> Any:
        try:
            return self._response.json()
        except ValueError:
            return None

    def get_data(self) -> bytes:
        return self._response.content


class HttpClient:
    """Calls the running product, and retries nothing."""

    opened: ClassVar[dict[str, list[httpx.Client]]] = {}
    """By address: several products may run at once, and each closes its own."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30)
        self.opened.setdefault(url, []).append(self._client)

    def open(self, path: str, *, method: str, headers: Mapping[str, str], **options: Any) -> _Answer:
        return _Answer(self._client.request(method, path, headers=dict(headers), **options))


@dataclass
class Stack:
    """A running product."""

    process: subprocess.Popen[bytes]
    ready: dict[str, Any]
    data_dir: Path
    log: Path
    environment: dict[str, str]
    token: str = ""
    client: HttpClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = HttpClient(self.ready["url"])

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    def sign_in(self) -> None:
        link = self.ready["owner_link"].partition("token=")[2]
        answer = self.client.open("/api/v1/auth/links/redeem", method="POST", headers={}, json={"token": link})
        assert answer.status_code == 200, answer.get_data()
        self.token = answer.get_json()["access_token"]

    def call(self, method: str, path: str, **options: Any) -> Reply:
        answer = self.client.open(
            f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {self.token}"}, **options
        )
        return Reply(answer.status_code, answer.get_json(), answer.headers, answer.get_data())

    def settled(self) -> None:
        """Wait until both web processes have got over whatever an earlier test did to them."""
        fine = 0
        deadline = time.monotonic() + 40
        while fine < 12:
            try:
                # A connection of its own each time: they are spread over the processes.
                fine = fine + 1 if httpx.get(f"{self.url}/health", timeout=5).status_code == 200 else 0
            except httpx.TransportError:
                fine = 0
            if time.monotonic() > deadline:
                raise AssertionError("the product did not recover")
            if not fine:
                time.sleep(0.1)

    def candidate(self, *, start: bool = True, email: str = "ada@example.com") -> Candidate:
        self.settled()
        if not self.token:
            self.sign_in()
        listed = self.call("GET", "/tasks")
        assert listed.status == 200, listed.json
        task = next(t for t in listed.json["data"] if t["slug"] == "webhook-redeliveries")
        body = {"task_id": task["id"], "candidate": {"full_name": "Ada Byron", "email": email}, "again": True}
        made = self.call("POST", "/assessments", json=body)
        assert made.status == 201, made.json
        candidate = Candidate(HttpClient(self.url), made.json)
        opened = candidate.open(invitation=made.json["invitation_url"].partition("#")[2])
        assert opened.status == 200, opened.json
        if start:
            candidate.start()
        return candidate

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Our processes by what they are."""
        found: dict[str, list[psutil.Process]] = {}
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                command = " ".join(child.cmdline())
                parent = " ".join(child.parent().cmdline()) if child.parent() else ""
            except psutil.Error:
                continue
            name = _name_of(command, parent)
            if name:
                found.setdefault(name, []).append(child)
        return found

    def database_url(self) -> str:
        """The owner's URL: the server listens on a socket of its own, in the folder that its command line names."""
        server = self.processes()["postgres"][0]
        setting = next(one for one in server.cmdline() if one.startswith("unix_socket_directories="))
        return f"postgresql://tali_owner@/tali?host={setting.partition('=')[2]}"

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url()) as connection:
            return connection.execute(statement, values).fetchall()

    def execute(self, statement: str, *values: Any) -> None:
        with psycopg.connect(self.database_url()) as connection:
            connection.execute(statement, values)


def _name_of(command: str, parent: str) -> str | None:
    if "resource_tracker" in command:
        return None
    if "tali web" in parent:
        return "web"
    if "tali web" in command:
        return "web parent"
    if "tali worker interactive" in command:
        return "interactive"
    if "tali worker asking" in command:
        return "asking"
    for pool in ("grading", "batch"):
        if f"tali worker {pool}" in command:
            return pool if f"worker {pool}" in parent else f"{pool} parent"
    if "tali dispatcher" in command:
        return "dispatcher"
    if "valkey-server" in command:
        return "valkey"
    if "/postgres -D" in command:
        return "postgres"
    if "sample_host" in command:
        return "host page"
    return None


@contextmanager
def running_stack(folder: Path, **environment: str) -> Iterator[Stack]:
    """Start the product, and stop it as Ctrl-C does."""
    ready_file = folder / "ready.json"
    ready_file.unlink(missing_ok=True)  # a killed run leaves its own behind
    own = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TALI_")},
        "TALI_DATA_DIR": str(folder / "data"),
        "TALI_PORT": "0",
        "TALI_HOST_PAGE_PORT": "0",
        "TALI_READY_FILE": str(ready_file),
        **environment,
    }
    plugins = folder / "data" / "plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    if SANDBOX_TOOLS.exists() and not (plugins / "bubblewrap").exists():
        # The grading tools are installed once a checkout, not once a test.
        (plugins / "bubblewrap").symlink_to(SANDBOX_TOOLS)
    log = folder / "log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tali.cli", "up"], env=own, stdout=output, stderr=output, start_new_session=True
        )
    stack = None
    try:
        wait_until(lambda: ready_file.exists() or process.poll() is not None, 90)
        if not ready_file.exists():
            raise AssertionError(f"tali up did not come up:\n{log.read_text()[-4000:]}")
        stack = Stack(process, json.loads(ready_file.read_text()), folder / "data", log, own)
        yield stack
    finally:
        for client in HttpClient.opened.pop(stack.url, []) if stack else []:
            client.close()
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise AssertionError(f"Ctrl-C did not stop it:\n{log.read_text()[-2000:]}") from None


def wait_until(condition: Callable[[], Any], seconds: float, every: float = 0.05) -> Any:
    """Wait for something to become true, and answer it."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not happen within {seconds} s")
        time.sleep(every)
