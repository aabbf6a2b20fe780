"""The notifier: one connection a message, one deadline for all of it, and the server's answers as the contract's."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from email.errors import HeaderParseError
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from hashlib import sha256
from typing import Any

from tali.sdk import (
    Address,
    ConfigurationMissing,
    MailMessage,
    PluginContext,
    PluginError,
    Receipt,
    Rejected,
    Settings,
    Transient,
)

DEADLINE_SECONDS = 30.0
GREYLISTED_WAIT = 120.0
"""A server that greylists wants to be asked again after a minute or more."""
_LONGEST_REASON = 300


class SmtpNotifier:
    """Implements `tali.sdk.Notifier`."""

    def __init__(self, settings: Settings, context: PluginContext, deadline: float = DEADLINE_SECONDS) -> None:
        self._host, self._port = str(settings["host"]), int(settings["port"] or 587)
        self._security = str(settings["security"] or "starttls")
        self._username, self._password = str(settings["username"] or ""), str(settings["password"] or "")
        if self._username and not self._password:
            raise ConfigurationMissing("TALI_SMTP_PASSWORD")
        if self._username and self._security == "none" and not _is_loopback(self._host):
            # The password would cross the network for anybody to read.
            raise ConfigurationMissing("TALI_SMTP_SECURITY (starttls or tls, where there is a password)")
        name, email = parseaddr(str(settings["sender"]))
        try:
            self._sender = _header_address(Address(email, name))
        except Rejected:
            raise ConfigurationMissing("TALI_SMTP_FROM (a valid address)") from None
        self._tls = None if self._security == "none" else _tls_context(str(settings.get("ca_file") or ""))
        self._context = context
        self._deadline = deadline

    def send(self, message: MailMessage) -> Receipt:
        mail = self._compose(message)
        with _Deadline(self._deadline) as deadline:
            try:
                self._deliver(mail, _ascii(message.to.email), deadline)
            except (OSError, smtplib.SMTPException) as error:
                if deadline.passed:
                    raise Transient(f"the mail server did not finish within {self._deadline:.0f} seconds") from None
                # Without its cause: what was sent, a password included, is in the trace of smtplib's errors.
                raise self._meaning(error) from None
        return Receipt(str(mail["Message-ID"]))

    def _deliver(self, mail: EmailMessage, recipient: str, deadline: _Deadline) -> None:
        client = (
            _TlsClient(context=self._tls, **self._options()) if self._security == "tls" else _Client(**self._options())
        )
        client.watcher = deadline
        client._host = self._host  # type: ignore[attr-defined]  # what the certificate must be for; only its __init__ sets it
        with client:
            code, answer = client.connect(self._host, self._port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, answer)
            if self._security == "starttls":
                client.starttls(context=self._tls)
            if self._username:
                client.login(self._username, self._password)
            # Not `send_message`, which changes lines that begin with "From ".
            client.sendmail(self._sender.addr_spec, [recipient], mail.as_bytes())

    def _options(self) -> dict[str, Any]:
        # Its own name for EHLO: the default asks a name server, which no deadline holds.
        return {"local_hostname": "[127.0.0.1]", "timeout": self._deadline}

    def _meaning(self, error: OSError | smtplib.SMTPException) -> PluginError:
        """What smtplib's error is by the contract."""
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            return _answer(*next(iter(error.recipients.values())), "the mail server refuses this address")
        if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
            return ConfigurationMissing("TALI_SMTP_USERNAME and TALI_SMTP_PASSWORD (the mail server refused them)")
        if isinstance(error, smtplib.SMTPNotSupportedError):
            # STARTTLS that is not there may be somebody in the middle who took it out: never go on without.
            wanted = "STARTTLS or signing in" if self._username else "STARTTLS"
            return ConfigurationMissing(f"TALI_SMTP_SECURITY (the mail server does not offer {wanted})")
        if isinstance(error, smtplib.SMTPResponseException):
            return _answer(error.smtp_code, error.smtp_error, "the mail server refuses this message")
        if isinstance(error, ssl.SSLError):
            why = getattr(error, "verify_message", "") or error.reason or "no common protocol"
            return Transient(f"no encrypted connection to the mail server: {why}")
        return Transient(f"the mail server cannot be reached: {type(error).__name__}")

    def _compose(self, message: MailMessage) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        try:
            mail["From"] = self._sender
            mail["To"] = _header_address(message.to)
            if message.reply_to is not None:
                mail["Reply-To"] = _header_address(message.reply_to)
            mail["Subject"] = _one_line(message.subject)
            mail["Date"] = self._context.clock()
            # The same message has the same name, however often it is sent: mail programs show such twins once.
            digest = sha256(message.idempotency_key.encode()).hexdigest()[:40]
            mail["Message-ID"] = f"<{digest}@{self._sender.domain}>"
            # Out-of-office programs do not answer these (RFC 3834).
            mail["Auto-Submitted"] = "auto-generated"
            for name, value in message.headers.items():
                if not name.replace("-", "").isalnum() or not name.isascii():
                    raise Rejected("a header's name is not one")
                mail[name] = _one_line(value)
            mail.set_content(message.text, cte="quoted-printable")
            mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
        except (ValueError, UnicodeError, HeaderParseError):
            raise Rejected("the message does not make a mail: a header or its text cannot be written") from None
        return mail


class _Deadline:
    """Cuts the connection when its time is over: smtplib's own timeout begins again with every byte that comes."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.passed = False

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection from now on; at once when the time is over already."""
        with self._lock:
            # A second handle on it: the first is emptied when encryption begins.
            self._socket = connection.dup()
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        self.passed = True
        with self._lock:
            if self._socket is not None:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)


class _Client(smtplib.SMTP):
    watcher: _Deadline

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        self.watcher.watch(connection)
        return connection


class _TlsClient(smtplib.SMTP_SSL, _Client):
    """Encrypted from the first byte: smtplib wraps what `_Client` connects."""


def _tls_context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError):
        raise ConfigurationMissing("TALI_SMTP_CA_FILE (a readable file of certificates)") from None


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "127.0.0.1", "::1"}


def _one_line(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise Rejected("a header holds a line break or another control character")
    # Python's email package decodes encoded words in what it is given and writes what they hide, line breaks too.
    return text.replace("=?", "= ?")


def _header_address(address: Address) -> HeaderAddress:
    """An address as a header takes it; what is none, or two, is refused here and not by a server that is generous."""
    name = _one_line(address.name)
    try:
        return HeaderAddress(display_name=name, addr_spec=_ascii(address.email))
    except (ValueError, IndexError, HeaderParseError):
        raise Rejected("this is not an e-mail address that mail can be sent to") from None


def _ascii(email: str) -> str:
    """The address as every mail server takes it: a domain in another script has a name in this one."""
    local, _, domain = email.rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    if not local or not domain or not local.isascii() or not _is_plain(email):
        raise Rejected("this is not an e-mail address that mail can be sent to")
    return f"{local}@{domain}"


def _is_plain(email: str) -> bool:
    return not any(character.isspace() or ord(character) < 33 or character in '<>,;:()[]\\"' for character in email)


def _answer(code: int, reason: bytes | str, sentence: str) -> Transient | Rejected:
    """4xx is tried again, 5xx is not (RFC 5321, 4.2.1)."""
    if code >= 500:
        return Rejected(f"{sentence}: {_said(code, reason)}")
    return _busy(code, reason)


def _busy(code: int, reason: bytes | str) -> Transient:
    greylisted = code in {450, 451}
    return Transient(
        f"the mail server asks for patience: {_said(code, reason)}", GREYLISTED_WAIT if greylisted else None
    )


def _said(code: int, reason: bytes | str) -> str:
    text = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
    printable = "".join(character if character.isprintable() else " " for character in text)
    return f"{code} {printable[:_LONGEST_REASON]}".strip()
