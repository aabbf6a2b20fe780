"""The HTTP client that a plugin receives: every call has a deadline, and private addresses are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer, whole. `headers` keys are lower case; `body` is at most 10 MiB."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient(Protocol):
    """What `PluginContext.http` offers."""

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
        """Make one request; redirects are not followed.

        Args:
            timeout: seconds for the whole exchange, at most 60.

        Raises:
            Transient: the connection failed or timed out.
            Rejected: the address is not public (loopback, private, link-local) or the answer is too large.
        """
        ...
