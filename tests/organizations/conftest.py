"""What the tests about people share: a fresh browser, the post, and a person with a password."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from tali.kernel import security
from tests.mail import Count, Post, new_email

PASSWORD = "correct horse battery staple"  # pragma: allowlist secret


@pytest.fixture
def browser(app) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def post(resources) -> Post:
    return Post(resources)


@pytest.fixture(autouse=True)
def no_limits_of_earlier_tests(resources) -> None:
    """All tests come from one address."""
    for key in resources.valkey.scan_iter("limit:*"):
        resources.valkey.delete(key)


@pytest.fixture
def join(tenant, app, post) -> Callable[..., dict[str, Any]]:
    """Invite a new person into `tenant` and take the invitation up; gives email, client, token and id."""

    def make(role: str = "recruiter", of: Any = None, email: str | None = None) -> dict[str, Any]:
        email = email or new_email()
        body = {"email": email, "full_name": "Rita Recruiter", "role": role}
        assert (of or tenant).call("POST", "/users/invite", json=body).status == 201
        client = app.test_client()
        answer = client.post(
            "/api/v1/auth/invitation/accept", json={"token": post.token_to(email), "password": PASSWORD}
        )
        assert answer.status_code == 200, answer.get_data()
        session = answer.get_json()
        return {"email": email, "client": client, "token": session["access_token"], "id": session["me"]["user"]["id"]}

    return make


@pytest.fixture
def count(resources, monkeypatch) -> Iterator[Count]:
    """Counts the work that an attacker could measure."""
    counted = Count()
    real = security._hasher

    class Counting:
        def hash(self, password: str) -> str:
            counted.hashes += 1
            return real.hash(password)

        def verify(self, stored: str, password: str) -> bool:
            counted.hashes += 1
            return real.verify(stored, password)

    def statement(*_: Any) -> None:
        counted.statements += 1

    monkeypatch.setattr(security, "_hasher", Counting())
    event.listen(resources.database.app_engine, "before_cursor_execute", statement)
    yield counted
    event.remove(resources.database.app_engine, "before_cursor_execute", statement)
