"""What core lends to plugins: an encrypted store of their own, and an HTTP client with deadlines and address rules."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpcore
import httpx
from sqlalchemy import LargeBinary, UniqueConstraint, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.schema import SchemaItem

from tali.kernel.clock import now
from tali.kernel.database import Database
from tali.kernel.ids import new_id
from tali.kernel.models import Base, Privacy, TenantOwned, text_column
from tali.kernel.security import KeyRing
from tali.sdk.errors import Rejected, Transient
from tali.sdk.http import HttpResponse

MAX_KEY = 200
MAX_VALUE = 64 * 1024
MAX_RESPONSE = 10 * 1024 * 1024
MAX_TIMEOUT = 60.0
WRITE_PIECE = 64 * 1024


class PluginEntry(TenantOwned, Base):
    """One key of one plugin in one organisation; the value is encrypted."""

    __tablename__ = "plugin_entry"

    plugin: Mapped[str] = text_column(Privacy.NONE)
    key: Mapped[str] = text_column(Privacy.NONE)
    value: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime | None] = mapped_column(index=True)

    @classmethod
    def extra_table_args(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("organization_id", "plugin", "key"),)


class DatabaseStore:
    """`tali.sdk.Store` on the tenant's own rows."""

    def __init__(self, database: Database, key_ring: KeyRing, plugin: str, organization_id: UUID | None) -> None:
        self._database, self._key_ring, self._plugin = database, key_ring, plugin
        self._organization = organization_id

    @property
    def _organization_id(self) -> UUID:
        if self._organization is None:
            raise Rejected("an instance that serves the whole deployment has no store; use data_dir for caches")
        return self._organization

    def get(self, key: str) -> bytes | None:
        with self._database.tenant(self._organization_id) as session:
            return self._read(session, key, lock=False)

    def set(self, key: str, value: bytes, *, ttl: float | None = None) -> None:
        with self._database.tenant(self._organization_id) as session:
            self._write(session, key, value, ttl)

    def compare_and_set(self, key: str, expected: bytes | None, value: bytes, *, ttl: float | None = None) -> bool:
        with self._database.tenant(self._organization_id) as session:
            present = self._read(session, key, lock=True)
            if present != expected:
                return False
            if present is None:
                return self._write(session, key, value, ttl, only_if_absent=True)
            return self._write(session, key, value, ttl)

    def delete(self, key: str) -> None:
        with self._database.tenant(self._organization_id) as session:
            session.execute(delete(PluginEntry).where(PluginEntry.plugin == self._plugin, PluginEntry.key == key))

    def _read(self, session: Session, key: str, *, lock: bool) -> bytes | None:
        query = select(PluginEntry.value).where(
            PluginEntry.plugin == self._plugin,
            PluginEntry.key == key,
            (PluginEntry.expires_at.is_(None)) | (PluginEntry.expires_at > now()),
        )
        stored = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
        return None if stored is None else bytes.fromhex(self._key_ring.decrypt(stored.decode()))

    def _write(
        self, session: Session, key: str, value: bytes, ttl: float | None, *, only_if_absent: bool = False
    ) -> bool:
        if not 1 <= len(key) <= MAX_KEY or len(value) > MAX_VALUE:
            raise Rejected(f"a store takes keys of 1 to {MAX_KEY} characters and values of up to {MAX_VALUE} bytes")
        moment = now()
        expires_at = None if ttl is None else moment + timedelta(seconds=ttl)
        sealed = self._key_ring.encrypt(value.hex()).encode()
        session.execute(
            delete(PluginEntry).where(
                PluginEntry.plugin == self._plugin, PluginEntry.key == key, PluginEntry.expires_at < moment
            )
        )
        statement = insert(PluginEntry).values(
            id=new_id(),
            created_at=moment,
            organization_id=self._organization_id,
            plugin=self._plugin,
            key=key,
            value=sealed,
            expires_at=expires_at,
        )
        index = ["organization_id", "plugin", "key"]
        if only_if_absent:
            statement = statement.on_conflict_do_nothing(index_elements=index)
        else:
            statement = statement.on_conflict_do_update(
                index_elements=index, set_={"value": sealed, "expires_at": expires_at}
            )
        return session.execute(statement.returning(PluginEntry.id)).scalar_one_or_none() is not None


class _Transport(httpx.HTTPTransport):
    """httpx's transport over connections that keep one deadline; its own timeouts begin again with every read."""

    def __init__(self, deadline: float) -> None:
        super().__init__(verify=_tls(), trust_env=False)
        self._pool = httpcore.ConnectionPool(ssl_context=_tls(), network_backend=_DeadlineBackend(deadline))


@cache
def _tls() -> ssl.SSLContext:
    # Reading the certificates takes longer than most calls.
    return httpx.create_ssl_context(trust_env=False)


class _DeadlineBackend(httpcore.SyncBackend):
    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def connect_tcp(self, *arguments: Any, **options: Any) -> httpcore.NetworkStream:
        options["timeout"] = _left(self._deadline, httpcore.ConnectTimeout)
        return _DeadlineStream(super().connect_tcp(*arguments, **options), self._deadline)


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # In pieces: the timeout below begins again with every part that the other side has taken.
        for start in range(0, len(buffer), WRITE_PIECE):
            self._stream.write(buffer[start : start + WRITE_PIECE], _left(self._deadline, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, httpcore.ConnectTimeout)
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, over: type[Exception]) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise over("the deadline of the whole exchange has passed")
    return left


class GuardedHttpClient:
    """`tali.sdk.HttpClient`: resolves first, refuses addresses that are not public, connects to what it checked.

    A request's timeout covers everything from connecting to the last byte of the answer.

    `allow_private` is for tests and for self-hosters whose services live on their own network.
    """

    def __init__(self, *, allow_private: bool = False) -> None:
        self._allow_private = allow_private

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        json: Any = None,
        timeout: float = 10.0,
    ) -> HttpResponse:
        # For the whole exchange: a server that sends a byte now and then must not hold a worker for ever.
        deadline = time.monotonic() + min(timeout, MAX_TIMEOUT)
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise Rejected("only plain http and https addresses can be called")
        address = self._resolve(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        netloc = f"[{address}]" if ":" in address else address
        pinned = parts._replace(netloc=f"{netloc}:{parts.port}" if parts.port else netloc).geturl()
        try:
            with (
                httpx.Client(transport=_Transport(deadline), follow_redirects=False, trust_env=False) as client,
                client.stream(
                    method,
                    pinned,
                    headers={**(headers or {}), "Host": parts.netloc},
                    content=content,
                    json=json,
                    extensions={"sni_hostname": parts.hostname},
                ) as response,
            ):
                body = b""
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > MAX_RESPONSE:
                        raise Rejected(f"the answer is larger than {MAX_RESPONSE} bytes")
                return HttpResponse(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)
        except httpx.HTTPError as error:
            raise Transient(f"{parts.hostname} could not be reached: {type(error).__name__}") from error

    def _resolve(self, host: str, port: int) -> str:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise Transient(f"{host} does not resolve") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not self._allow_private:
            for address in addresses:
                parsed = ipaddress.ip_address(address.split("%")[0])
                mapped = getattr(parsed, "ipv4_mapped", None)
                if not (mapped or parsed).is_global:
                    raise Rejected(f"{host} is not a public address")
        return addresses[0]
