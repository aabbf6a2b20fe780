"""The database: two pools, two roles, and a tenant that every transaction declares before it reads anything.

Requests and tenant jobs use the login role `tali_app`, which owns nothing and bypasses nothing: row-level security
shows it the organisation named by `tali.organization_id`, set at the start of every transaction, and nothing else.
The owner's pool is for migrations, the dispatcher and the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, create_engine, event, func, select, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from tali.kernel.security import KeyRing
from tali.kernel.settings import Settings

STATEMENT_TIMEOUT_MS = 30_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000
"""A paused process holds its locks; after this long the server lets go of them, and the process must not write on."""


def _engine(url: str, application: str, pool_size: int) -> Engine:
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    options = (
        f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"
        f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT_MS}"
        " -c timezone=UTC"
    )
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=False,
        pool_recycle=600,
        pool_timeout=10,
        # An error of a statement is logged; what candidates wrote and people are called must not be in it.
        hide_parameters=True,
        connect_args={"application_name": application, "options": options, "connect_timeout": 5},
    )


class Database:
    """Opens transactions. One instance a process, made after any fork.

    `owner` also opens the owning role's pool, which no wall holds back: web and workers go without.
    """

    def __init__(
        self, settings: Settings, application: str = "tali", pool_size: int = 8, *, owner: bool = False
    ) -> None:
        password = KeyRing(settings.key_ring()).derived_secret("tali_app")
        self.app_engine = _engine(settings.app_database_url(password), application, pool_size)
        self._app = sessionmaker(self.app_engine, class_=TenantSession, expire_on_commit=False)
        self._owner_engine = _engine(settings.owner_database_url, f"{application}-owner", 2) if owner else None

    @property
    def owner_engine(self) -> Engine:
        """The owning role's pool.

        Raises:
            RuntimeError: this process was started without it.
        """
        if self._owner_engine is None:
            raise RuntimeError("this process has no owner's pool: ask for it with create_resources(..., owner=True)")
        return self._owner_engine

    @contextmanager
    def tenant(self, organization_id: UUID) -> Iterator[Session]:
        """One transaction that sees one organisation. Commits at the end, rolls back on any error."""
        with self._app() as session:
            session.info["organization_id"] = organization_id
            _begin(session)
            yield from _one_transaction(session)

    @contextmanager
    def nobody(self) -> Iterator[Session]:
        """One transaction before a tenant is known: it sees no tenant rows, and may call the resolving functions."""
        with self._app() as session:
            _begin(session)
            yield from _one_transaction(session)

    @contextmanager
    def owner(self) -> Iterator[Session]:
        """One transaction as the owning role, which sees every organisation: dispatcher and command line only.

        Raises:
            RuntimeError: this process was started without the owner's pool.
        """
        with Session(self.owner_engine, expire_on_commit=False) as session:
            _begin(session)
            yield from _one_transaction(session)

    def dispose(self) -> None:
        """Close every connection."""
        self.app_engine.dispose()
        if self._owner_engine is not None:
            self._owner_engine.dispose()


class TenantSession(Session):
    """A session of role `tali_app`."""


@event.listens_for(TenantSession, "after_begin")
def _declare_tenant(session: Session, _transaction: Any, connection: Connection) -> None:
    organization_id = session.info.get("organization_id")
    connection.execute(
        text("SELECT set_config('tali.organization_id', :id, true)"),
        {"id": "" if organization_id is None else str(organization_id)},
    )


def database_now(session: Session) -> datetime:
    """The time by the database's clock, the only one that all hosts share."""
    return session.execute(select(func.clock_timestamp(type_=DateTime(timezone=True)))).scalar_one()


def organization_of(session: Session) -> UUID:
    """The organisation that this session is bound to."""
    organization_id = session.info.get("organization_id")
    if not isinstance(organization_id, UUID):
        raise RuntimeError("this session is not bound to an organisation")
    return organization_id


def after_commit(session: Session, action: Callable[[], None]) -> None:
    """Do `action` once the transaction has committed; never when it has not. It must not raise or touch the session."""
    session.info.setdefault("after_commit", []).append(action)


def _begin(session: Session) -> None:
    """Begin, on a connection that works: after a restart of the database the pool still holds dead ones.

    Nothing has been sent yet, so that trying again is safe; a ping before each transaction would cost every request.
    """
    try:
        session.connection()
    except DBAPIError as error:
        session.rollback()
        if not error.connection_invalidated:
            raise
        session.connection()


def _one_transaction(session: Session) -> Iterator[Session]:
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    for action in session.info.pop("after_commit", []):
        action()
