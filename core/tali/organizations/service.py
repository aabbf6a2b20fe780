"""Organisations, signing in and staying signed in, and API keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, tuple_, update
from sqlalchemy.orm import Session

from tali.kernel.actors import SCOPES, Role, Scope, Staff, UserActor
from tali.kernel.clock import now
from tali.kernel.errors import NotFound, Unauthorized, Unprocessable
from tali.kernel.ids import new_id
from tali.kernel.pagination import a_moment, an_id, decode_cursor
from tali.kernel.security import KeyRing, new_token, token_hash, verify_password
from tali.organizations.access import ACCESS_AUDIENCE, API_KEY_PREFIX
from tali.organizations.audit import record
from tali.organizations.models import ApiKey, Membership, Organization, RefreshToken, SignInLink, User

ACCESS_LIFETIME = timedelta(minutes=10)
REFRESH_LIFETIME = timedelta(days=14)
REUSE_WINDOW = timedelta(seconds=10)
"""Two tabs may refresh with the same token at once; within this window both get the same child."""
SIGN_IN_LINK_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An access token for the page's memory, and a refresh token for the cookie."""

    access_token: str
    refresh_token: str
    membership_id: UUID


def create_organization(session: Session, name: str, owner_email: str, owner_name: str) -> Membership:
    """Create a tenant and its first owner. Runs as the owning role: no tenant may create another."""
    organization = Organization(id=new_id(), name=name, slug=slug_for(name), allowed_origins=[])
    user = session.execute(select(User).where(func.lower(User.email) == func.lower(owner_email))).scalar_one_or_none()
    if user is None:
        user = User(id=new_id(), email=owner_email.lower(), full_name=owner_name)
        session.add(user)
    session.add(organization)
    session.flush()
    membership = Membership(id=new_id(), organization_id=organization.id, user_id=user.id, role="owner", active=True)
    session.add(membership)
    session.flush()
    return membership


def slug_for(name: str) -> str:
    """An address for people to read, unique by its random end."""
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "organization"
    return f"{stem}-{new_token(4).lower().replace('_', '0').replace('-', '0')}"


def create_sign_in_link(session: Session, membership: Membership) -> str:
    """A one-time token that signs this member in; earlier unused ones stop working."""
    session.execute(
        update(SignInLink)
        .where(
            SignInLink.membership_id == membership.id,
            SignInLink.purpose == "sign_in_link",
            SignInLink.used_at.is_(None),
        )
        .values(used_at=now())
    )
    token = new_token()
    session.add(
        SignInLink(
            organization_id=membership.organization_id,
            membership_id=membership.id,
            session_version=membership.user.session_version,
            token_hash=token_hash(token),
            expires_at=now() + SIGN_IN_LINK_LIFETIME,
        )
    )
    return token


def redeem_sign_in_link(session: Session, link_id: UUID, key_ring: KeyRing) -> SignedIn:
    """Use a link, once: the guarded UPDATE settles who was first. A password that was set since has ended it.

    Raises:
        Unauthorized: `link_invalid`.
    """
    moment = now()
    link = session.execute(
        update(SignInLink)
        .where(
            SignInLink.id == link_id,
            SignInLink.purpose == "sign_in_link",
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > moment,
        )
        .values(used_at=moment)
        .returning(SignInLink.membership_id, SignInLink.session_version)
    ).one_or_none()
    if link is None or session.get_one(Membership, link.membership_id).user.session_version != link.session_version:
        raise link_invalid()
    return sign_in(session, link.membership_id, key_ring, by="link")


def link_invalid() -> Unauthorized:
    """The one answer for links that are unknown, used or too old."""
    return Unauthorized(
        "link_invalid", "This sign-in link was used already or has expired. Ask for a new one (`tali owner-link`)."
    )


@dataclass(frozen=True, slots=True)
class LoginCandidate:
    """Whom an address leads to, before anybody has shown that it is theirs."""

    organization_id: UUID
    membership_id: UUID
    user_id: UUID
    session_version: int
    password_hash: str | None = field(repr=False)


def resolve_login(session: Session, email: str) -> LoginCandidate | None:
    """Where an address leads. Needs a transaction without a tenant: the database answers no other."""
    row = session.execute(
        text(
            "SELECT organization_id, membership_id, user_id, session_version, password_hash"
            " FROM tali_resolve_login(:email)"
        ),
        {"email": email},
    ).one_or_none()
    return LoginCandidate(*row) if row else None


def check_login(found: LoginCandidate | None, password: str) -> LoginCandidate:
    """Whether the password is this person's. Slow on purpose, so call it outside a transaction.

    Raises:
        Unauthorized: `credentials_invalid`.
        Unavailable: `sign_in_busy`.
    """
    if not verify_password(found.password_hash if found else None, password) or found is None:
        raise Unauthorized("credentials_invalid", "This e-mail address and password do not match.")
    return found


def login(session: Session, checked: LoginCandidate, key_ring: KeyRing) -> SignedIn:
    """Sign in a person whose password was checked.

    The tokens carry the session version that was read with the password's hash: if the password was changed meanwhile,
    they have ended before they are used.
    """
    return sign_in(session, checked.membership_id, key_ring, by="password", session_version=checked.session_version)


def sign_in(
    session: Session, membership_id: UUID, key_ring: KeyRing, *, by: str, session_version: int | None = None
) -> SignedIn:
    """Begin a session of a person who has shown who they are; the audit log keeps `by` what.

    Raises:
        Unauthorized: `membership_inactive`.
    """
    refresh, moment = new_token(), now()
    membership = session.get_one(Membership, membership_id)
    if not membership.active:
        raise Unauthorized("membership_inactive", "Your access to this organisation was ended. Ask an owner.")
    membership.last_used_at = moment
    actor = UserActor(membership.organization_id, membership.user_id, membership.id, cast(Role, membership.role))
    record(session, actor, "session.started", membership.user_id, by=by)
    version = session_version or membership.user.session_version
    session.add(
        RefreshToken(
            organization_id=membership.organization_id,
            membership_id=membership.id,
            family_id=new_id(),
            session_version=version,
            token_hash=token_hash(refresh),
            expires_at=moment + REFRESH_LIFETIME,
        )
    )
    return SignedIn(_access_token(membership, version, key_ring, moment), refresh, membership.id)


def _access_token(membership: Membership, session_version: int, key_ring: KeyRing, moment: datetime) -> str:
    claims = {
        "sub": str(membership.user_id),
        "org": str(membership.organization_id),
        "mid": str(membership.id),
        "sv": session_version,
        "mv": membership.session_version,
    }
    return key_ring.sign(ACCESS_AUDIENCE, claims, moment, ACCESS_LIFETIME)


def refresh(session: Session, token_id: UUID, key_ring: KeyRing) -> SignedIn:
    """Trade a refresh token for the next one.

    A re-use within ten seconds gets the same child (two tabs, a lost answer); a later one means that a copy is about,
    and revokes the whole family.

    Raises:
        Unauthorized: `session_ended`.
    """
    moment = now()
    # The membership first, as everywhere: whoever ends sessions waits for the child that is born here, and sees it.
    _hold_sessions(session, RefreshToken.id == token_id, read=True)
    token = session.get(RefreshToken, token_id, with_for_update=True, populate_existing=True)
    if token is None or token.revoked_at is not None or token.expires_at <= moment:
        raise session_ended()
    membership = session.get(Membership, token.membership_id)
    if membership is None or not membership.active or membership.user.session_version != token.session_version:
        raise session_ended()
    if token.used_at is not None:
        if token.child is not None and moment - token.used_at <= REUSE_WINDOW:
            access = _access_token(membership, token.session_version, key_ring, moment)
            return SignedIn(access, key_ring.decrypt(token.child), membership.id)
        raise ReusedToken(token.family_id)
    child = new_token()
    token.used_at = moment
    token.child = key_ring.encrypt(child)
    session.add(
        RefreshToken(
            organization_id=token.organization_id,
            membership_id=token.membership_id,
            family_id=token.family_id,
            session_version=token.session_version,
            token_hash=token_hash(child),
            expires_at=token.expires_at,
        )
    )
    return SignedIn(_access_token(membership, token.session_version, key_ring, moment), child, membership.id)


class ReusedToken(Unauthorized):
    """A refresh token came a second time, too late to be a race."""

    def __init__(self, family_id: UUID) -> None:
        super().__init__("session_ended", "Your session has ended. Sign in again.")
        self.family_id = family_id


def session_ended() -> Unauthorized:
    """The one answer for every refresh token that does not hold."""
    return Unauthorized("session_ended", "Your session has ended. Sign in again.")


def revoke_family(session: Session, family_id: UUID) -> None:
    """End every token of a chain, one that is being born included."""
    _hold_sessions(session, RefreshToken.family_id == family_id)
    session.execute(
        update(RefreshToken).where(RefreshToken.family_id == family_id).values(revoked_at=now(), child=None)
    )


def _hold_sessions(session: Session, of: ColumnElement[bool], *, read: bool = False) -> None:
    """Lock the membership that tokens belong to: its row stands for all sessions of a person in an organisation."""
    session.execute(
        select(Membership.id)
        .where(Membership.id.in_(select(RefreshToken.membership_id).where(of)))
        .with_for_update(of=Membership, read=read, key_share=not read)
    ).all()


def revoke_token(session: Session, token_id: UUID) -> None:
    """End the chain that this token belongs to."""
    token = session.get(RefreshToken, token_id)
    if token is not None:
        revoke_family(session, token.family_id)


def me(session: Session, membership_id: UUID) -> dict[str, Any]:
    """Who is signed in, and where."""
    membership = session.get_one(Membership, membership_id)
    organization = session.get_one(Organization, membership.organization_id)
    user = membership.user
    return {
        "user": {
            "id": user.id,
            "email": user.email,
            "full_name": user.full_name,
            "has_password": user.has_password,
        },
        "organization": {"id": organization.id, "name": organization.name, "slug": organization.slug},
        "role": membership.role,
        "session_version": membership.user.session_version,
    }


def organization(session: Session, actor: Staff) -> Organization:
    """The actor's organisation."""
    return session.get_one(Organization, actor.organization_id)


def change_organization(session: Session, actor: UserActor, changes: dict[str, Any]) -> Organization:
    """Change name or allowed origins.

    Raises:
        Unprocessable: `origin_invalid`, naming the ones that are no origins.
    """
    found = session.get_one(Organization, actor.organization_id)
    if "name" in changes:
        found.name = changes["name"]
    if "allowed_origins" in changes:
        wrong = [origin for origin in changes["allowed_origins"] if not _is_origin(origin)]
        if wrong:
            sentence = "is not an origin. Write scheme://host[:port], such as https://jobs.example.com."
            raise Unprocessable(
                "origin_invalid",
                "Some of these are not origins.",
                errors={"allowed_origins": [f"{origin} {sentence}" for origin in wrong]},
            )
        found.allowed_origins = list(dict.fromkeys(changes["allowed_origins"]))
    record(session, actor, "organization.changed", found.id, changed=sorted(changes))
    return found


def _is_origin(origin: str) -> bool:
    """An exact web origin. It ends up in a Content-Security-Policy header, so nothing else may pass."""
    return re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", origin) is not None


def list_api_keys(session: Session, limit: int, cursor: str | None) -> list[ApiKey]:
    """Newest first, `limit + 1` of them; those that were revoked too."""
    query = select(ApiKey).order_by(ApiKey.created_at.desc(), ApiKey.id.desc()).limit(limit + 1)
    if cursor:
        created_at, key_id = decode_cursor(cursor, a_moment, an_id)
        query = query.where(tuple_(ApiKey.created_at, ApiKey.id) < (created_at, key_id))
    return list(session.execute(query).scalars())


def create_api_key(
    session: Session,
    organization_id: UUID,
    name: str,
    scopes: Sequence[Scope] = SCOPES,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; the second value is the key itself, shown this once.

    Raises:
        Unprocessable: `expiry_passed`.
    """
    moment = now()
    if expires_at is not None and expires_at <= moment:
        raise Unprocessable("expiry_passed", "This key would have expired already. Choose a later moment.")
    secret = API_KEY_PREFIX + new_token()
    key = ApiKey(
        id=new_id(),
        created_at=moment,
        organization_id=organization_id,
        name=name,
        prefix=secret[:14],
        key_hash=token_hash(secret),
        scopes=list(dict.fromkeys(scopes)),
        expires_at=expires_at,
    )
    session.add(key)
    session.flush()
    return key, secret


def revoke_api_key(session: Session, key_id: UUID) -> None:
    """Stop a key from working; it stays listed.

    Raises:
        NotFound: `api_key_not_found`.
    """
    key = session.get(ApiKey, key_id)
    if key is None:
        raise NotFound("api_key_not_found", "There is no such API key.")
    key.revoked_at = key.revoked_at or now()
