"""A small task, and what writing one over the API takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event, update
from tests.candidate import Reply

from tali.jobs.resources import Resources
from tali.organizations.models import Membership

CODE = "def total(items):\n    return 0\n"
SOLVED = "def total(items):\n    return sum(items)\n"
SMALL_TASK: dict[str, Any] = {
    "slug": "a-small-task",
    "title": "Sum it up",
    "summary": "A cart that adds.",
    "kind": "feature",
    "difficulty": "easy",
    "languages": ["python"],
    "duration_minutes": 30,
    "entry": "cart.py",
    "brief": "# Sum it up\n\nMake `total` add.\n",
    "starter_files": {"cart.py": CODE},
    "visible_tests": {"test_seen.py": "from cart import total\ndef test_nothing(): assert total([]) == 0\n"},
    "hidden_tests": {"test_unseen.py": "from cart import total\ndef test_adds(): assert total([1, 2]) == 3\n"},
    "reference_files": {"cart.py": SOLVED},
    "hints": [{"about": ["start"], "text": "What does Python's own sum do, and what is left for `total`?"}],
}


@dataclass
class Author:
    """Writes a task over the API."""

    tenant: Any
    run_jobs: Callable[[Any], int]
    task_id: str = ""
    revision: int = 0

    def create(self, **changes: Any) -> Reply:
        answer = self.tenant.call("POST", "/tasks", json={**SMALL_TASK, **changes})
        if answer.status == 201:
            self.task_id, self.revision = answer.json["id"], answer.json["draft"]["revision"]
        return answer

    def call(self, method: str, path: str = "", **options: Any) -> Reply:
        return self.tenant.call(method, f"/tasks/{self.task_id}{path}", **options)

    def save(self, **changes: Any) -> Reply:
        answer = self.call("PUT", "/draft", json={"revision": self.revision, "content": {**SMALL_TASK, **changes}})
        if answer.status == 200:
            self.revision = answer.json["revision"]
        return answer

    def publish(self, verb: str = "publish") -> dict[str, Any]:
        """Publish and wait; the validation as it ended."""
        asked = self.call("POST", f"/{verb}", json={"revision": self.revision})
        assert asked.status == 202, asked.json
        self.run_jobs(self.tenant)
        return self.call("GET", "/validation").json


@pytest.fixture
def author(tenant, run_jobs) -> Author:
    return Author(tenant, run_jobs)


@pytest.fixture
def viewing(tenant, resources: Resources) -> Any:
    """Makes the tenant's owner a viewer."""

    def demote() -> None:
        with resources.database.owner() as session:
            session.execute(
                update(Membership).where(Membership.organization_id == tenant.organization_id).values(role="viewer")
            )

    return demote


@pytest.fixture
def statements(resources: Resources) -> Any:
    """The statements that were sent, from when this is called."""
    seen: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(resources.database.app_engine, "before_cursor_execute", keep)
    yield seen
    event.remove(resources.database.app_engine, "before_cursor_execute", keep)
