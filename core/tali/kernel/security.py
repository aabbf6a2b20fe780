"""Credentials: passwords, random tokens and their hashes, signed bearers, and text encrypted under a key ring."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tali.kernel.errors import Unauthorized, Unavailable

CLOCK_SKEW = timedelta(seconds=10)
"""How far the clocks of two web machines may be apart: a token of one must not be from the other's future."""
_hasher = PasswordHasher()
# Each takes 64 MiB and a core for a moment: a flood of logins must not take the memory and the threads of all else.
_HASHING = threading.BoundedSemaphore(4)
_LONGEST_WAIT_SECONDS = 5.0
# Verified when no such user exists, so that a wrong address takes as long as a wrong password.
_DUMMY_HASH = _hasher.hash(secrets.token_hex(16))


@contextmanager
def _taking_turns() -> Iterator[None]:
    if not _HASHING.acquire(timeout=_LONGEST_WAIT_SECONDS):
        raise Unavailable("sign_in_busy", "Too many people are signing in at this moment. Try again shortly.", 5)
    try:
        yield
    finally:
        _HASHING.release()


def hash_password(password: str) -> str:
    """argon2id, with its parameters inside.

    Raises:
        Unavailable: `sign_in_busy`, when too many passwords are being worked on.
    """
    with _taking_turns():
        return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Compare in constant time, also where there is nothing to compare with.

    Raises:
        Unavailable: `sign_in_busy`, when too many passwords are being worked on.
    """
    with _taking_turns():
        try:
            return _hasher.verify(stored or _DUMMY_HASH, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def new_token(nbytes: int = 32) -> str:
    """A random credential, URL-safe."""
    return secrets.token_urlsafe(nbytes)


def token_hash(token: str) -> str:
    """What is stored of a random credential. Plain SHA-256: the token has full entropy, so nothing needs stretching."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class KeyRing:
    """Keys, newest first: the newest encrypts and signs, all of them decrypt and verify."""

    keys: tuple[str, ...]

    def _derive(self, key: str, purpose: str) -> bytes:
        return HKDF(SHA256(), length=32, salt=None, info=f"tali/{purpose}".encode()).derive(key.encode())

    def derived_secret(self, purpose: str) -> str:
        """A stable secret for one purpose (a role's password), from the oldest key, so that rotation keeps it."""
        return base64.urlsafe_b64encode(self._derive(self.keys[-1], purpose)).decode().rstrip("=")

    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(base64.urlsafe_b64encode(self._derive(key, "text"))) for key in self.keys])

    def encrypt(self, text: str) -> str:
        """Encrypt and authenticate."""
        return self._fernet().encrypt(text.encode()).decode()

    def decrypt(self, text: str) -> str:
        """Decrypt with whichever key fits.

        Raises:
            ValueError: no key of the ring fits.
        """
        try:
            return self._fernet().decrypt(text.encode()).decode()
        except InvalidToken:
            raise ValueError("no key of the ring decrypts this text") from None

    def sign(self, audience: str, claims: dict[str, Any], issued_at: datetime, lifetime: timedelta) -> str:
        """A bearer for one audience: claims that nobody can alter, valid until `issued_at + lifetime`."""
        payload = {**claims, "aud": audience, "iat": issued_at, "exp": issued_at + lifetime}
        headers = {"kid": self._key_id(self.keys[0])}
        return jwt.encode(payload, self._derive(self.keys[0], "jwt"), algorithm="HS256", headers=headers)

    def verify(self, audience: str, token: str) -> dict[str, Any]:
        """The claims of a bearer.

        Raises:
            Unauthorized: `token_expired` or `token_invalid`.
        """
        try:
            key_id = jwt.get_unverified_header(token).get("kid", "")
            key = next((key for key in self.keys if hmac.compare_digest(self._key_id(key), str(key_id))), None)
            if key is None:
                raise jwt.InvalidTokenError
            return jwt.decode(
                token,
                self._derive(key, "jwt"),
                algorithms=["HS256"],
                audience=audience,
                leeway=CLOCK_SKEW,
                options={"require": ["exp", "aud", "iat"]},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthorized("token_expired", "This token has expired. Renew it and try again.") from None
        except (jwt.InvalidTokenError, ValueError):
            raise Unauthorized("token_invalid", "This token is not valid here.") from None

    def _key_id(self, key: str) -> str:
        return hashlib.sha256(self._derive(key, "kid")).hexdigest()[:12]
