"""SMTP against a real server: the contract, encryption, signing in, and servers that are slow, strict or gone."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mail_server import ACCOUNT, Certificate, Inbox, authenticator, make_certificate, serving

from tali.cli.embedded import free_port
from tali.plugins import parse_setting
from tali.sdk import Address, ConfigurationMissing, MailMessage, Notifier, PluginContext, Rejected, Transient
from tali.sdk.testing import Arrived, NotifierContract
from tali_smtp import tali_notifiers
from tali_smtp.notifier import SmtpNotifier

MESSAGE = MailMessage(Address("ada@example.com", "Ada"), "Hello", "Text\n", "<p>Text</p>", "message-1")
Make = Callable[..., SmtpNotifier]


@pytest.fixture
def make(plugin_context: PluginContext) -> Make:
    """Notifiers with the declared defaults, but for what a test says."""

    def notifier(port: int, *, deadline: float = 5.0, **settings: Any) -> SmtpNotifier:
        values: dict[str, Any] = {one.name: one.default for one in tali_notifiers().settings}
        values |= {"host": "localhost", "port": port, "sender": "TALI <tali@acme.example>", "security": "none"}
        return SmtpNotifier(values | settings, plugin_context, deadline)

    return notifier


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


class TestSmtpContract(NotifierContract):
    @pytest.fixture
    def provider(self, make: Make, inbox: Inbox) -> Iterator[Notifier]:
        with serving(inbox) as port:
            yield make(port)

    @pytest.fixture
    def arrived(self, inbox: Inbox) -> Callable[[], list[Arrived]]:
        return inbox.arrived

    @pytest.fixture
    def unreachable_provider(self, make: Make) -> Notifier:
        return make(free_port(), username=ACCOUNT[0], password=ACCOUNT[1])


def test_a_mail_says_from_whom_it_is_and_that_a_program_wrote_it(make: Make, inbox: Inbox) -> None:
    with serving(inbox) as port:
        receipt = make(port).send(MESSAGE)
    (mail,) = inbox.mails()
    assert str(mail["From"]) == "TALI <tali@acme.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == receipt.id
    assert receipt.id.endswith("@acme.example>")
    assert inbox.envelopes[0].mail_from == "tali@acme.example"


def test_a_domain_in_another_script_is_written_in_this_one(make: Make, inbox: Inbox) -> None:
    with serving(inbox) as port:
        make(port).send(replace(MESSAGE, to=Address("ada@bücher.example", "Ada")))
        with pytest.raises(Rejected, match="not an e-mail address"):
            make(port).send(replace(MESSAGE, to=Address("ädä@example.com", "Ada")))
    assert inbox.envelopes[0].rcpt_tos == ["ada@xn--bcher-kva.example"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encryption_and_signing_in(make: Make, inbox: Inbox, certificate: Certificate, security: str) -> None:
    tls = {"ssl_context": certificate.context} if security == "tls" else {"tls_context": certificate.context}
    strict = {"require_starttls": True} if security == "starttls" else {"auth_require_tls": False}
    settings = {"security": security, "username": ACCOUNT[0], "ca_file": str(certificate.file)}
    with serving(inbox, authenticator=authenticator, auth_required=True, **tls, **strict) as port:
        make(port, password=ACCOUNT[1], **settings).send(MESSAGE)
        assert len(inbox.envelopes) == 1
        with pytest.raises(ConfigurationMissing, match="TALI_SMTP_PASSWORD"):
            make(port, password=ACCOUNT[1][::-1], **settings).send(MESSAGE)
    assert len(inbox.envelopes) == 1


def test_a_server_that_wants_a_name_and_gets_none_refuses(make: Make, inbox: Inbox) -> None:
    with (
        serving(inbox, authenticator=authenticator, auth_required=True, auth_require_tls=False) as port,
        pytest.raises(Rejected, match="530"),
    ):
        make(port).send(MESSAGE)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_stops_the_mail(
    make: Make, inbox: Inbox, certificate: Certificate, security: str
) -> None:
    tls = {"ssl_context": certificate.context} if security == "tls" else {"tls_context": certificate.context}
    with serving(inbox, **tls) as port, pytest.raises(Transient, match="certificate"):
        make(port, security=security).send(MESSAGE)
    assert inbox.envelopes == []


def test_without_starttls_nothing_goes_out_in_the_clear(make: Make, inbox: Inbox) -> None:
    with serving(inbox) as port, pytest.raises(ConfigurationMissing, match="does not offer STARTTLS"):
        make(port, security="starttls").send(MESSAGE)
    assert inbox.envelopes == []


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        ({"refuse_recipient": "550 5.1.1 no such user"}, Rejected),
        ({"refuse_recipient": "450 4.2.0 greylisted, come back later"}, Transient),
        ({"refuse_data": "554 5.7.1 looks like spam"}, Rejected),
        ({"refuse_data": "452 4.3.1 disk full"}, Transient),
    ],
)
def test_the_servers_answer_decides_whether_to_try_again(
    make: Make, inbox: Inbox, refusal: dict[str, str], expected: type[Exception]
) -> None:
    for name, answer in refusal.items():
        setattr(inbox, name, answer)
    with serving(inbox) as port, pytest.raises(expected, match=next(iter(refusal.values()))[:3]):
        make(port).send(MESSAGE)


def test_greylisting_is_given_the_time_that_it_wants(make: Make, inbox: Inbox) -> None:
    inbox.refuse_recipient = "451 4.7.1 greylisted"
    with serving(inbox) as port:
        notifier = make(port)
        with pytest.raises(Transient) as refused:
            notifier.send(MESSAGE)
        assert refused.value.retry_after == 120
        inbox.refuse_recipient = None
        notifier.send(MESSAGE)
    assert len(inbox.envelopes) == 1


def test_a_server_that_hangs_is_left_at_the_deadline(make: Make, inbox: Inbox) -> None:
    inbox.before_data = lambda: asyncio.sleep(3)
    with serving(inbox) as port:
        began = time.monotonic()
        with pytest.raises(Transient, match="did not finish"):
            make(port, deadline=0.5).send(MESSAGE)
        assert time.monotonic() - began < 2


@contextmanager
def answering(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server of a few lines, for what no proper one does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def dribble(connection: socket.socket) -> None:
    """A byte now and then, and never the end of a line: each one restarts a timeout that counts from the last."""
    try:
        for _ in range(40):
            connection.sendall(b"2")
            time.sleep(0.1)
    except OSError:
        return


@pytest.mark.parametrize("security", ["none", "tls"])
def test_a_server_that_sends_a_byte_now_and_then_is_left_too(make: Make, security: str) -> None:
    with answering(dribble) as port:
        began = time.monotonic()
        with pytest.raises(Transient):
            make(port, deadline=0.5, security=security).send(MESSAGE)
        assert time.monotonic() - began < 2


def test_a_server_that_drops_the_connection_is_tried_again(make: Make) -> None:
    with answering(lambda connection: connection.sendall(b"220 here\r\n")) as port, pytest.raises(Transient):
        make(port).send(MESSAGE)


def test_a_server_that_is_too_busy_to_greet_is_tried_again(make: Make) -> None:
    with (
        answering(lambda connection: connection.sendall(b"421 too many connections\r\n")) as port,
        pytest.raises(Transient, match="421"),
    ):
        make(port).send(MESSAGE)


def test_what_a_server_says_is_cut_to_what_a_person_reads(make: Make, inbox: Inbox) -> None:
    inbox.refuse_recipient = "550 " + "no " * 150 + "\x1b[2J"
    with serving(inbox) as port, pytest.raises(Rejected) as refused:
        make(port).send(MESSAGE)
    assert refused.value.reason.isprintable()
    assert len(refused.value.reason) < 400


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"sender": "nobody"}, "TALI_SMTP_FROM"),
        ({"username": "u"}, "TALI_SMTP_PASSWORD"),
        ({"username": "u", "password": "p", "host": "mail.example"}, "TALI_SMTP_SECURITY"),
        ({"security": "tls", "ca_file": "/nowhere"}, "TALI_SMTP_CA_FILE"),
    ],
)
def test_settings_that_do_not_hold_are_named(make: Make, settings: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationMissing, match=named):
        make(25, **settings)


def test_the_declared_settings_take_what_they_say() -> None:
    port = next(one for one in tali_notifiers().settings if one.name == "port")
    assert parse_setting(port, "465") == 465
    with pytest.raises(ConfigurationMissing, match="TALI_SMTP_PORT"):
        parse_setting(port, "70000")


def test_loading_the_plugin_opens_nothing(tmp_path: Path) -> None:
    import sys

    sys.modules.pop("tali_smtp.notifier", None)
    tali_notifiers()
    assert "tali_smtp.notifier" not in sys.modules
