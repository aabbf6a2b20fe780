"""A real SMTP server on this machine, in a thread of its own, with the moods that servers have."""

from __future__ import annotations

import datetime
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tali.cli.embedded import free_port
from tali.sdk.testing import Arrived

ACCOUNT = ("postmaster", "hunter2")


@dataclass
class Inbox:
    """What arrived. `refuse_recipient` and `refuse_data` are answers that the server gives instead of taking it."""

    envelopes: list[Envelope] = field(default_factory=list)
    refuse_recipient: str | None = None
    refuse_data: str | None = None
    before_data: Callable[[], Any] | None = None

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.before_data is not None:
            await self.before_data()
        if self.refuse_data:
            return self.refuse_data
        self.envelopes.append(envelope)
        return "250 OK"

    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(envelope.content, policy=default) for envelope in self.envelopes]

    def arrived(self) -> list[Arrived]:
        found = []
        for envelope, mail in zip(self.envelopes, self.mails(), strict=True):
            text, html = mail.get_body(("plain",)), mail.get_body(("html",))
            assert text is not None
            assert html is not None
            headers = {name.lower(): str(value) for name, value in mail.items()}
            found.append(Arrived(list(envelope.rcpt_tos), headers, text.get_content(), html.get_content()))
        return found


@contextmanager
def serving(inbox: Inbox, **options: Any) -> Iterator[int]:
    """Run the server on a free port; give the port."""
    # The controller calls its own port to see whether it is up, so it must be told one.
    port = free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
    with warnings.catch_warnings():
        # It warns of signing in without TLS, which it does not see where the whole connection is encrypted.
        warnings.filterwarnings("ignore", "Requiring AUTH", UserWarning)
        controller.start()
        try:
            yield port
        finally:
            controller.stop()


def authenticator(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Lets one account in."""
    good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == ACCOUNT
    return AuthResult(success=good, handled=False)


@dataclass(frozen=True)
class Certificate:
    """A certificate for localhost that only those trust who are given it."""

    file: Path
    context: ssl.SSLContext


def make_certificate(folder: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    moment = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - datetime.timedelta(days=1))
        .not_valid_after(moment + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, key_file = folder / "server.pem", folder / "server.key"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key_file)
    return Certificate(file, context)
