"""The development mailbox: readable, harmless, bounded, and not there in production."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tali.notifications import mailbox
from tali.sdk import Address, MailMessage
from tali.web import create_app


@pytest.fixture(autouse=True)
def emptied(resources) -> None:
    resources.valkey.delete(mailbox.KEY)


def keep(resources, key: str = "m1", **changes) -> None:
    message = MailMessage(Address("ada@example.com", "Ada"), "Hello", "Text\n", "<p>Text</p>", key)
    mailbox.keep(resources.valkey, resources.key_ring, replace(message, **changes))


def test_it_shows_what_was_kept_newest_first_with_links_to_follow(app, resources) -> None:
    keep(resources, "m1", subject="First")
    keep(resources, "m2", subject="Second", text='Open it:\nhttp://127.0.0.1:8000/#/join?token=abc"\n')
    page = app.test_client().get("/dev/mailbox").get_data(as_text=True)
    assert page.index("Second") < page.index("First")
    assert '<a href="http://127.0.0.1:8000/#/join?token=abc" rel="noreferrer noopener">' in page


def test_what_people_typed_is_text(app, resources) -> None:
    evil = '<script>alert(1)</script><img src=x onerror="alert(1)">'
    keep(resources, subject=evil, text=evil + " http://x.example/'\"><script>", to=Address("a@example.com", evil))
    answer = app.test_client().get("/dev/mailbox")
    body = answer.get_data(as_text=True)
    assert "<script" not in body
    assert "<img" not in body
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe-inline" not in policy


def test_the_message_itself_is_boxed_in(app, resources) -> None:
    keep(resources, html="<p>Hi</p><script>alert(1)</script>")
    answer = app.test_client().get("/dev/mailbox/m1")
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert app.test_client().get("/dev/mailbox/other").status_code == 404


def test_few_are_kept_and_not_for_ever(resources) -> None:
    for number in range(mailbox.CAP + 20):
        keep(resources, f"m{number}")
    kept = mailbox.kept(resources.valkey, resources.key_ring)
    assert len(kept) == mailbox.CAP
    assert kept[0]["id"] == f"m{mailbox.CAP + 19}"
    assert 0 < resources.valkey.ttl(mailbox.KEY) <= mailbox.LIFETIME.total_seconds()


def test_a_message_that_came_twice_is_shown_once(resources) -> None:
    keep(resources)
    keep(resources)
    assert len(mailbox.kept(resources.valkey, resources.key_ring)) == 1


def test_it_lies_sealed(resources) -> None:
    keep(resources, text="https://tali.example/#/join?token=secret")
    (raw,) = resources.valkey.lrange(mailbox.KEY, 0, -1)
    assert b"secret" not in raw


def test_a_page_that_borrows_this_machines_address_sees_nothing(app, resources) -> None:
    keep(resources)
    for path in ("/dev/mailbox", "/dev/mailbox/m1"):
        assert app.test_client().get(path, headers={"Host": "evil.example:8000"}).status_code == 404


def test_production_has_no_mailbox(services, resources) -> None:
    settings = replace(services, environment="production", secret_keys=("k" * 32,))
    app = create_app(settings, replace(resources, settings=settings))
    assert not [rule for rule in app.url_map.iter_rules() if re.match("/dev", rule.rule)]
    assert app.test_client().get("/dev/mailbox").status_code == 404
