"""The workspace's files: seeded at start, changed by accepted edits, kept with checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tali.assessments.models import Attempt
from tali.kernel.clock import isoformat
from tali.kernel.errors import Conflict, TaliError, Unprocessable
from tali.kernel.ids import new_id
from tali.workspace import lateness
from tali.workspace.edits import (
    MAX_FILE_BYTES,
    MAX_FILES,
    EditError,
    apply_edit,
    check_total,
    checksum,
    valid_path,
    workspace_hash,
)
from tali.workspace.models import Checkpoint, EditBatch, WorkspaceFile
from tali.workspace.timeline import MAX_RECORDED_BYTES, lock_for_edits, record, take_room

CHECKPOINT_EVERY = 50
CHECKPOINT_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a request with batches. `problem` is answered after the commit: what came before it is kept."""

    accepted_seq: int
    hash: str
    saved_at: datetime
    problem: TaliError | None = None


def seed(session: Session, attempt: Attempt, files: Mapping[str, str], readonly: frozenset[str]) -> None:
    """Put the starter files in place; they are the checkpoint that everything is replayed from."""
    for path, content in files.items():
        session.add(
            WorkspaceFile(
                organization_id=attempt.organization_id,
                attempt_id=attempt.id,
                path=path,
                content=content,
                checksum=checksum(content),
                readonly=path in readonly,
            )
        )
    session.add(Checkpoint(organization_id=attempt.organization_id, attempt_id=attempt.id, seq=0, files=dict(files)))


def load(session: Session, attempt_id: UUID) -> list[WorkspaceFile]:
    """All files, by path."""
    return list(
        session.execute(
            select(WorkspaceFile).where(WorkspaceFile.attempt_id == attempt_id).order_by(WorkspaceFile.path)
        ).scalars()
    )


def contents(session: Session, attempt_id: UUID) -> dict[str, str]:
    """Path → content."""
    return {file.path: file.content for file in load(session, attempt_id)}


def last_client_seq(session: Session, attempt_id: UUID, epoch: int) -> int:
    """The newest batch of a writer that was accepted; 0 before the first."""
    return (
        session.execute(
            select(func.max(EditBatch.client_seq)).where(
                EditBatch.attempt_id == attempt_id, EditBatch.writer_epoch == epoch
            )
        ).scalar_one()
        or 0
    )


def require_writer(attempt: Attempt, writer_epoch: int) -> None:
    """Make sure that the asking window is the one that writes.

    Raises:
        Conflict: `session_taken_over`.
    """
    if writer_epoch != attempt.writer_epoch:
        raise _taken_over()


def require_saved(session: Session, attempt: Attempt, writer_epoch: int, client_seq: int) -> None:
    """Make sure that everything the client has written so far is here. The caller holds the attempt's lock.

    Raises:
        Conflict: `session_taken_over`; `edits_missing`, with the place to go on from.
    """
    require_writer(attempt, writer_epoch)
    accepted = last_client_seq(session, attempt.id, attempt.writer_epoch)
    if client_seq > accepted and attempt.recorded_bytes < MAX_RECORDED_BYTES:
        raise Conflict(
            "edits_missing",
            f"Edits {accepted + 1} to {client_seq} have not arrived yet. Send them first.",
            accepted_seq=accepted,
        )


def _accepted_hashes(session: Session, attempt: Attempt, batches: list[dict[str, Any]], upto: int) -> dict[int, str]:
    """What was accepted under the numbers that come again."""
    again = [batch["client_seq"] for batch in batches if batch["client_seq"] <= upto]
    if not again:
        return {}
    rows = session.execute(
        select(EditBatch.client_seq, EditBatch.result_hash).where(
            EditBatch.attempt_id == attempt.id,
            EditBatch.writer_epoch == attempt.writer_epoch,
            EditBatch.client_seq.in_(again),
        )
    )
    return {row.client_seq: row.result_hash for row in rows}


class _Projection:
    """The files of one request: loaded once, changed by each batch, written once."""

    def __init__(self, session: Session, attempt: Attempt) -> None:
        self._session, self._attempt = session, attempt
        self._rows = {row.path: row for row in load(session, attempt.id)}
        self.files = {path: row.content for path, row in self._rows.items()}
        self.readonly = frozenset(path for path, row in self._rows.items() if row.readonly)
        self._checksums = {path: row.checksum for path, row in self._rows.items()}
        self.hash = workspace_hash(self._checksums)

    def try_edits(self, edits: list[dict[str, Any]]) -> tuple[dict[str, str], str]:
        """The files and hash after these edits; nothing is changed yet.

        Raises:
            EditError.
        """
        files = dict(self.files)
        for edit in edits:
            apply_edit(files, edit, self.readonly)
        check_total(files)
        return files, workspace_hash(self._checksums_of(files))

    def _checksums_of(self, files: Mapping[str, str]) -> dict[str, str]:
        return {
            path: self._checksums[path] if self.files.get(path) is content else checksum(content)
            for path, content in files.items()
        }

    def accept(self, files: dict[str, str]) -> None:
        """Make these the files."""
        self._checksums = self._checksums_of(files)
        self.files = files
        self.hash = workspace_hash(self._checksums)

    def write(self) -> None:
        """Write what changed: one row a file."""
        gone = [path for path in self._rows if path not in self.files]
        if gone:
            self._session.execute(
                delete(WorkspaceFile).where(WorkspaceFile.attempt_id == self._attempt.id, WorkspaceFile.path.in_(gone))
            )
        for path, content in self.files.items():
            row = self._rows.get(path)
            if row is not None and row.content == content:
                continue
            values = {"content": content, "checksum": self._checksums[path]}
            self._session.execute(
                insert(WorkspaceFile)
                .values(
                    id=new_id(),
                    created_at=func.clock_timestamp(),
                    organization_id=self._attempt.organization_id,
                    attempt_id=self._attempt.id,
                    path=path,
                    readonly=False,
                    **values,
                )
                .on_conflict_do_update(index_elements=["organization_id", "attempt_id", "path"], set_=values)
            )


def accept_batches(session: Session, attempt_id: UUID, batches: list[dict[str, Any]]) -> Accepted:
    """Apply batches in order, each compared with what the client says it got.

    A batch that was accepted before is passed over, so that resending is harmless. At the first one that cannot be
    accepted the rest is left, what came before it stays, and `problem` says why.

    Raises:
        Conflict: `attempt_not_in_progress`, with the state.
    """
    attempt, moment = lock_for_edits(session, attempt_id)
    projection = _Projection(session, attempt)
    epoch = attempt.writer_epoch
    accepted = last_client_seq(session, attempt_id, epoch)
    known = _accepted_hashes(session, attempt, batches, accepted)
    problem: TaliError | None = None
    for place, batch in enumerate(batches):
        if batch["writer_epoch"] != epoch:
            problem = _taken_over()
            break
        if batch["client_seq"] <= accepted:
            # Under a snapshot's number other batches may have been merged; otherwise the same number with another
            # result is another window's work, and must not be acknowledged as saved.
            if known.get(batch["client_seq"], batch["result_hash"]) != batch["result_hash"]:
                problem = _taken_over()
                break
            continue
        late = lateness.is_late(attempt, moment)
        if not lateness.is_in_time(attempt, batch, moment):
            problem = lateness.written_too_late(attempt)
            break
        try:
            if batch["client_seq"] != accepted + 1:
                raise EditError(f"batch {accepted + 1} has not arrived")
            if batch["base_hash"] != projection.hash:
                raise EditError("the files it was made on are not ours")
            files, result = projection.try_edits(batch["edits"])
            if result != batch["result_hash"]:
                raise EditError("the files it ends with are not ours")
        except EditError as error:
            if error.limit:
                problem = Unprocessable("workspace_limit", f"{str(error).capitalize()}.", accepted_seq=accepted)
                break
            try:
                unaccepted = batches[place:]
                problem = _diverged(session, attempt, unaccepted, projection.hash, accepted, str(error), moment)
            except Conflict as full:
                problem = full
            break
        try:
            _keep(session, attempt, batch, "edits", batch["edits"], files, late=late, moment=moment)
        except Conflict as full:
            problem = full
            break
        projection.accept(files)
        accepted = batch["client_seq"]
    projection.write()
    return Accepted(accepted, projection.hash, moment, problem)


def accept_snapshot(session: Session, attempt_id: UUID, snapshot: dict[str, Any]) -> Accepted:
    """Take the client's files as they are, after a divergence; kept as a batch of its own kind.

    Files do not tell when they were written, and what the client says of it proves nothing. After the deadline they
    must be the ones in which edits that were in time were said to end.

    Raises:
        Conflict: `attempt_not_in_progress`, `session_taken_over`, `recording_full`.
        Unprocessable: `snapshot_invalid`.
    """
    attempt, moment = lock_for_edits(session, attempt_id)
    if snapshot["writer_epoch"] != attempt.writer_epoch:
        raise _taken_over()
    late = lateness.is_late(attempt, moment)
    if late and not lateness.was_announced(session, attempt, snapshot["files"]):
        raise lateness.written_too_late(attempt)
    projection = _Projection(session, attempt)
    accepted = last_client_seq(session, attempt_id, attempt.writer_epoch)
    if snapshot["client_seq"] <= accepted:
        return Accepted(accepted, projection.hash, moment)
    files = dict(snapshot["files"])
    _check_snapshot(files)
    for path in projection.readonly:
        files[path] = projection.files[path]
    _check_tree(files)
    before = projection.hash
    projection.accept(files)
    batch = {**snapshot, "base_hash": before, "result_hash": projection.hash, "sent_at": snapshot["sent_at"] or moment}
    _keep(session, attempt, batch, "snapshot", [], files, late=late, moment=moment)
    projection.write()
    return Accepted(snapshot["client_seq"], projection.hash, moment)


def _check_snapshot(files: Mapping[str, str]) -> None:
    if len(files) > MAX_FILES:
        raise Unprocessable("snapshot_invalid", f"A workspace holds at most {MAX_FILES} files.")
    try:
        check_total(files)
    except EditError as error:
        raise Unprocessable("snapshot_invalid", f"{str(error).capitalize()}.") from None
    for path, content in files.items():
        if not valid_path(path):
            raise Unprocessable("snapshot_invalid", f"{path[:60]} is not a file name that a workspace takes.")
        if len(content.encode("utf-8", "surrogatepass")) > MAX_FILE_BYTES:
            raise Unprocessable("snapshot_invalid", f"{path} is larger than {MAX_FILE_BYTES // 1024} KiB.")


def _check_tree(files: Mapping[str, str]) -> None:
    for path in files:
        folder = path.rpartition("/")[0]
        while folder:
            if folder in files:
                raise Unprocessable("snapshot_invalid", f"{folder} is a file and a folder at once.")
            folder = folder.rpartition("/")[0]


def _keep(
    session: Session,
    attempt: Attempt,
    batch: dict[str, Any],
    kind: str,
    edits: list[dict[str, Any]],
    files: Mapping[str, str],
    *,
    late: bool,
    moment: datetime,
) -> None:
    """Record an accepted batch, with a checkpoint now and then and after every snapshot.

    Raises:
        Conflict: `recording_full`.
    """
    kept = [{**edit, "at": isoformat(edit["at"])} for edit in edits]
    size = sum(len(content) for content in files.values())
    # The larger the files, the seldomer: a long session must not leave its whole code behind every minute.
    checkpoint = kind == "snapshot" or batch["client_seq"] % (CHECKPOINT_EVERY * (1 + size // CHECKPOINT_BYTES)) == 0
    take_room(attempt, len(orjson.dumps(kept)) + (size if checkpoint else 0))
    batch_id = new_id()
    data: dict[str, Any] = {
        "batch_id": str(batch_id),
        "files": sorted({edit["file"] for edit in edits}),
        "inserted": sum(len(edit.get("insert", "")) for edit in edits),
        "removed": sum(edit["to"] - edit["from"] for edit in edits if edit["op"] == "edit"),
        "origins": sorted({edit["origin"] for edit in edits if edit["op"] == "edit"}),
    }
    if late:
        data["late"] = True
    seq = record(session, attempt, kind, moment, data)
    session.add(
        EditBatch(
            id=batch_id,
            created_at=moment,
            organization_id=attempt.organization_id,
            attempt_id=attempt.id,
            writer_epoch=batch["writer_epoch"],
            client_seq=batch["client_seq"],
            seq=seq,
            kind=kind,
            edits=kept,
            base_hash=batch["base_hash"],
            result_hash=batch["result_hash"],
            sent_at=batch["sent_at"],
            late=late,
        )
    )
    if checkpoint:
        session.add(
            Checkpoint(organization_id=attempt.organization_id, attempt_id=attempt.id, seq=seq, files=dict(files))
        )


def _taken_over() -> Conflict:
    return Conflict(
        "session_taken_over",
        "This assessment was opened in another window, which is now the one that writes. Nothing you saved is lost.",
    )


def _diverged(
    session: Session,
    attempt: Attempt,
    batches: list[dict[str, Any]],
    ours: str,
    accepted: int,
    reason: str,
    moment: datetime,
) -> Conflict:
    """Note that the first of these batches did not fit, and in what files those that are in time were to end."""
    take_room(attempt, 0)
    first = batches[0]
    data = {
        "client_seq": first["client_seq"],
        "theirs": first["base_hash"],
        "ours": ours,
        "announced": lateness.announced(attempt, batches, moment),
        "reason": reason,
    }
    record(session, attempt, "workspace_diverged", moment, data)
    return Conflict(
        "workspace_diverged",
        f"These edits do not fit: {reason}. Send a snapshot of all files.",
        expected_hash=ours,
        accepted_seq=accepted,
    )
