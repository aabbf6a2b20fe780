"""The contract of notifiers. Provisional until a second provider uses it."""

# ruff: noqa: S101 - a contract is made of assertions

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pytest

from tali.sdk.errors import PluginError, Rejected, Transient
from tali.sdk.notifiers import Address, MailMessage, Notifier, Receipt


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message as whoever received it has it: `recipients` of the envelope, headers by lower-case name, decoded."""

    recipients: Sequence[str]
    headers: Mapping[str, str]
    text: str
    html: str


_TEXT = "Dear Ada,\n\na line with ünïcödé, “quotes” and \U0001f600.\n.\nFrom here on, a line began with a dot.\n"
_MESSAGE = MailMessage(
    to=Address("ada@example.com", "Ada Byron"),
    subject="Your invitation",
    text=_TEXT,
    html="<p>Dear Ada,</p><p>a line with ünïcödé and <b>&lt;tags&gt;</b>.</p>",
    idempotency_key="message-1",
    reply_to=Address("olive@example.com", "Olive Owner"),
    headers={"List-Unsubscribe": "<https://tali.example/unsubscribe>"},
)
_NAMES = {
    "quotes and commas": 'Byron, "Ada" <admin@example.net>',
    "another script": "Ада Байрон 愛",
    "very long": "Ada " * 60,
    "hides a line break": "=?utf-8?q?=0D=0ABcc=3A_eve=40example.net?=",
    "empty": "",
}
_BROKEN_HEADERS: dict[str, Callable[[str], MailMessage]] = {
    "subject": lambda evil: replace(_MESSAGE, subject=evil),
    "name": lambda evil: replace(_MESSAGE, to=Address("ada@example.com", evil)),
    "reply-to": lambda evil: replace(_MESSAGE, reply_to=Address("olive@example.com", evil)),
    "header": lambda evil: replace(_MESSAGE, headers={"List-Unsubscribe": evil}),
    "header's name": lambda evil: replace(_MESSAGE, headers={evil: "x"}),
}


class NotifierContract:
    """Subclass this with the fixtures `provider` (a `Notifier`), `arrived` and `unreachable_provider`."""

    @pytest.fixture
    def arrived(self) -> Callable[[], list[Arrived]]:
        """Override: what the provider's (real) far end has received so far."""
        raise NotImplementedError

    @pytest.fixture
    def unreachable_provider(self) -> Notifier:
        """Override: the same notifier, set to a server that does not answer."""
        raise NotImplementedError

    def test_a_message_arrives_as_it_was_written(
        self, provider: Notifier, arrived: Callable[[], list[Arrived]]
    ) -> None:
        assert isinstance(provider.send(_MESSAGE), Receipt)
        assert len(arrived()) == 1
        (got,) = arrived()
        assert list(got.recipients) == ["ada@example.com"]
        assert got.headers["subject"] == _MESSAGE.subject
        assert "Ada Byron" in got.headers["to"]
        assert "olive@example.com" in got.headers["reply-to"]
        assert got.headers["list-unsubscribe"] == _MESSAGE.headers["List-Unsubscribe"]
        assert _lines(got.text) == _lines(_MESSAGE.text)
        assert _lines(got.html) == _lines(_MESSAGE.html)

    def test_a_receipt_names_the_message_and_keeps_its_name(self, provider: Notifier) -> None:
        first, again = provider.send(_MESSAGE), provider.send(_MESSAGE)
        other = provider.send(replace(_MESSAGE, idempotency_key="message-2"))
        assert first.id
        assert first.id == again.id, "the same message is named differently the second time"
        assert first.id != other.id, "two messages have one name"

    @pytest.mark.parametrize("name", _NAMES)
    def test_any_name_stays_a_name(self, provider: Notifier, arrived: Callable[[], list[Arrived]], name: str) -> None:
        message = replace(_MESSAGE, to=Address("ada@example.com", _NAMES[name]), subject=f"For {_NAMES[name]}"[:200])
        provider.send(message)
        (got,) = arrived()
        assert list(got.recipients) == ["ada@example.com"], "a name became a recipient"
        assert "bcc" not in got.headers, "a name became a header"
        if "=?" not in message.subject:
            assert got.headers["subject"].split() == message.subject.split()

    @pytest.mark.parametrize("where", _BROKEN_HEADERS)
    @pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"], ids=["crlf", "lf", "cr"])
    def test_a_line_break_in_a_header_is_rejected(
        self, provider: Notifier, arrived: Callable[[], list[Arrived]], where: str, ending: str
    ) -> None:
        with pytest.raises(Rejected):
            provider.send(_BROKEN_HEADERS[where](f"Hello{ending}Bcc: eve@example.net"))
        assert arrived() == []

    @pytest.mark.parametrize(
        "address",
        ["", "ada", "ada@", "@example.com", "ada@example.com,eve@example.net", "ada@example.com\nBcc: e@e.org"],
    )
    def test_what_is_no_address_is_rejected(
        self, provider: Notifier, arrived: Callable[[], list[Arrived]], address: str
    ) -> None:
        with pytest.raises(Rejected):
            provider.send(replace(_MESSAGE, to=Address(address, "Ada")))
        assert arrived() == []

    def test_a_server_that_does_not_answer_is_tried_again(self, unreachable_provider: Notifier) -> None:
        with pytest.raises(Transient):
            unreachable_provider.send(_MESSAGE)

    def test_an_error_tells_no_secret_and_no_text(self, unreachable_provider: Notifier) -> None:
        with pytest.raises(PluginError) as raised:
            unreachable_provider.send(_MESSAGE)
        assert "ünïcödé" not in str(raised.value)
        assert "hunter2" not in str(raised.value), "the fixture's password is hunter2; keep it out of errors"


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").strip("\n").split("\n")
