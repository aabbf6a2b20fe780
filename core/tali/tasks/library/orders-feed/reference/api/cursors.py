"""Cursors: where a page ended, and for which query, sealed so that nobody reads, builds or changes one.

A cursor is a version, a random nonce, the encrypted position, and a signature over all of it. The key stream comes from
HMAC, as the standard library has no cipher.
"""

import base64
import hashlib
import hmac
import json
import secrets

Position = tuple[int, str]

_NONCE_BYTES = 8
_SIGNATURE_BYTES = 12


class InvalidCursor(ValueError):
    """Not one of ours."""


class Cursors:
    """Makes and reads the cursors of one secret."""

    def __init__(self, secret: bytes):
        self._cipher_key = hmac.digest(secret, b"cursor encryption", hashlib.sha256)
        self._signing_key = hmac.digest(secret, b"cursor signature", hashlib.sha256)

    def seal(self, position: Position, status: str | None) -> str:
        """The cursor of a page of that query which ended at that position."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher(nonce, json.dumps([*position, status], separators=(",", ":")).encode())
        return base64.urlsafe_b64encode(sealed + self._signature(sealed)).decode().rstrip("=")

    def open(self, cursor: str) -> tuple[Position, str | None]:
        """The position and the query's status.

        Raises InvalidCursor.
        """
        try:
            data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise InvalidCursor(cursor) from error
        sealed, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
        # Several spellings decode to the same bytes; only the one that we wrote counts.
        spelled = base64.urlsafe_b64encode(data).decode().rstrip("=")
        if spelled != cursor or not hmac.compare_digest(signature, self._signature(sealed)):
            raise InvalidCursor(cursor)
        nonce, hidden = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        created_at, order_id, status = json.loads(self._cipher(nonce, hidden))
        return (created_at, order_id), status

    def _signature(self, sealed: bytes) -> bytes:
        return hmac.digest(self._signing_key, sealed, hashlib.sha256)[:_SIGNATURE_BYTES]

    def _cipher(self, nonce: bytes, text: bytes) -> bytes:
        blocks = -(-len(text) // hashlib.sha256().digest_size)
        stream = b"".join(
            hmac.digest(self._cipher_key, nonce + block.to_bytes(4, "big"), hashlib.sha256) for block in range(blocks)
        )
        return bytes(a ^ b for a, b in zip(text, stream, strict=False))
