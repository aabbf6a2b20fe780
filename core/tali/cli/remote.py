"""A running TALI, as a command sees it: its API with a key, and its errors as sentences."""

from __future__ import annotations

import uuid
from types import TracebackType
from typing import Any

import click
import httpx

TIMEOUT_SECONDS = 60.0


class Refused(click.ClickException):
    """The server answered that it will not. `code` is the slug, `answer` the whole of it."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.code = str(answer.get("code", ""))
        details = [f"  {name}: {sentence}" for name, told in (answer.get("errors") or {}).items() for sentence in told]
        super().__init__("\n".join([str(answer.get("message", "The server refused.")), *details]))


class Server:
    """Calls the API of one organisation: the one that the key belongs to."""

    def __init__(self, url: str, api_key: str, transport: httpx.BaseTransport | None = None) -> None:
        self._url = url.rstrip("/")
        if not self._url.startswith(("http://", "https://")):
            raise click.ClickException(f"{url} is not an address. Write it as https://tali.example.com.")
        self._client = httpx.Client(
            base_url=f"{self._url}/api/v1",
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=TIMEOUT_SECONDS,
            transport=transport,
        )

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Call, and hand back the answer's JSON.

        Raises:
            Refused: the server said no; its sentence is the message.
            click.ClickException: nobody answered, or it was no TALI that did.
        """
        headers = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        try:
            answer = self._client.request(method, path, headers=headers, **options)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise click.ClickException(f"{self._url} does not answer: {error}") from None
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise click.ClickException(f"{self._url} is no TALI: it answered {answer.status_code} without JSON.")
        if answer.is_error:
            raise Refused(body)
        return body
