"""A candidate who speaks HTTP: keeps the files, counts batches and hashes as the candidate app does."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol


@dataclass
class Reply:
    """An answer: status, JSON (None where there is none), headers, raw body."""

    status: int
    json: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Client(Protocol):
    """Flask's test client, or anything that calls alike."""

    def open(self, path: str, *, method: str, headers: Mapping[str, str], **options: Any) -> Any: ...


def checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def workspace_hash(files: Mapping[str, str]) -> str:
    lines = "".join(f"{path}\0{checksum(files[path])}\n" for path in sorted(files))
    return f"{zlib.crc32(lines.encode()):08x}"


def moment() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Candidate:
    """One browser window of a candidate."""

    def __init__(self, client: Client, assessment: dict[str, Any]) -> None:
        self.client = client
        self.assessment = assessment
        self.bearer = ""
        self.resume_key = ""
        self.session: dict[str, Any] = {}
        self.files: dict[str, str] = {}
        self.epoch = 0
        self.seq = 0

    def call(self, method: str, path: str, *, key: str | None = None, **options: Any) -> Reply:
        headers = {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
        headers |= options.pop("headers", {})
        if key:
            headers["Idempotency-Key"] = key
        answer = self.client.open(f"/api/v1/session{path}", method=method, headers=headers, **options)
        return Reply(answer.status_code, answer.get_json(silent=True), answer.headers, answer.get_data())

    def open(self, nonce: str = "", **way_in: str) -> Reply:
        answer = self.call("POST", "/open", json={**way_in, "nonce": nonce or secrets.token_hex(8)})
        if answer.status == 200:
            self.bearer, self.resume_key = answer.json["bearer"], answer.json["resume_key"]
            self._take(answer.json["session"])
        return answer

    def _take(self, session: dict[str, Any]) -> None:
        self.session = session
        workspace = session["workspace"]
        if workspace is not None:
            self.files = {file["path"]: file["content"] for file in workspace["files"]}
            self.epoch, self.seq = workspace["writer_epoch"], workspace["last_seq"]

    def start(self) -> None:
        answer = self.call("POST", "/start", json={"consent_version": self.session["consent_version"]})
        assert answer.status == 200, answer.json
        self._take(answer.json)

    def warm_up(self, message: str, *, key: str | None = None) -> Reply:
        """A message of the calibration."""
        body = {"message": message, "consent_version": self.session["consent_version"]}
        return self.call("POST", "/calibration/chat", key=key, json=body)

    def take_over(self) -> Reply:
        answer = self.call("POST", "/takeover")
        if answer.status == 200:
            self._take(answer.json)
        return answer

    def refresh(self) -> dict[str, Any]:
        answer = self.call("GET", "")
        assert answer.status == 200, answer.json
        self._take(answer.json)
        return self.session

    @property
    def editable(self) -> str:
        """A file that may be edited."""
        return next(f["path"] for f in self.session["workspace"]["files"] if not f["readonly"] and f["content"])

    def batch(self, *edits: dict[str, Any], result: Mapping[str, str], **override: Any) -> dict[str, Any]:
        """A batch of edits that turns `self.files` into `result`; nothing is sent."""
        return {
            "writer_epoch": self.epoch,
            "client_seq": self.seq + 1,
            "base_hash": workspace_hash(self.files),
            "result_hash": workspace_hash(result),
            "sent_at": moment(),
            "edits": [{"at": moment(), **edit} for edit in edits],
            **override,
        }

    def type(self, text: str, path: str | None = None, at: int = 0, origin: str = "typed") -> Reply:
        """Insert text (ASCII before it) and save."""
        path = path or self.editable
        result = {**self.files, path: self.files[path][:at] + text + self.files[path][at:]}
        edit = {"op": "edit", "file": path, "from": at, "to": at, "insert": text, "origin": origin}
        return self.save(self.batch(edit, result=result), result)

    def save(self, batch: dict[str, Any], result: Mapping[str, str]) -> Reply:
        answer = self.call("POST", "/workspace", json={"batches": [batch]})
        if answer.status == 200:
            self.files, self.seq = dict(result), batch["client_seq"]
        return answer

    def write(self, path: str, content: str, origin: str = "typed") -> Reply:
        """Make a file hold exactly this."""
        edits: list[dict[str, Any]] = []
        if path not in self.files:
            edits.append({"op": "create", "file": path})
        old = self.files.get(path, "")
        units = len(old.encode("utf-16-le")) // 2
        edits.append({"op": "edit", "file": path, "from": 0, "to": units, "insert": content, "origin": origin})
        result = {**self.files, path: content}
        return self.save(self.batch(*edits, result=result), result)

    def ask(self, message: str, *, key: str | None = None, **facts: Any) -> Reply:
        body = {
            "message": message,
            "code_context": [{"path": path, "content": text} for path, text in self.files.items()],
            "active_file": self.editable,
            "selection": None,
            "paste_detected": False,
            "browser_focused": True,
            "time_since_last_prompt_ms": None,
            "writer_epoch": self.epoch,
            **facts,
        }
        return self.call("POST", "/chat", key=key, json=body)

    def run(self, path: str | None = None, stdin: str = "") -> Reply:
        entry = path or self.session["run"]["entry"]
        return self.call("POST", "/execute", json={"kind": "run", "path": entry, "stdin": stdin})

    def test(self) -> Reply:
        return self.call("POST", "/execute", json={"kind": "test"})

    def observe(self, *events: dict[str, Any]) -> Reply:
        return self.call("POST", "/events", json={"events": [{"at": moment(), "data": {}, **e} for e in events]})

    def submit(self, *, key: str | None = None) -> Reply:
        body = {"client_seq": self.seq, "writer_epoch": self.epoch, "tab_switch_count": 0}
        return self.call("POST", "/submit", key=key, json=body)
