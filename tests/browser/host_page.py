"""Host pages for tests: another company's pages, on another origin, whose backend fetches tokens with an API key."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HEARD = """
<script>
  window.heard = [];
  for (const name of ["ready", "started", "progress", "submitted", "expired", "error"]) {
    addEventListener("tali:" + name, ({ detail }) => heard.push({ name, detail }));
  }
</script>"""


@dataclass
class HostPages:
    """Serves what a test puts here. The page for `/` is served without a policy, unless the test sets one."""

    port: int
    mint: Callable[[str], str]
    pages: dict[str, str] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    minted: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """A site of its own: `localhost` to the browser is another site than the product's 127.0.0.1."""
        return f"http://localhost:{self.port}"

    def add(self, path: str, body: str, policy: str = "") -> str:
        """Serve a page; answers its address."""
        self.pages[path] = f'<!doctype html><html lang="en"><title>Host</title><link rel="icon" href="data:,">{body}'
        self.policies[path] = policy
        return self.origin + path

    def token(self, assessment_id: str) -> str:
        token = self.mint(assessment_id)
        self.minted.append(token)
        return token


@contextmanager
def host_pages(mint: Callable[[str], str]) -> Iterator[HostPages]:
    """Serve pages from a thread until the test ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            body = pages.pages.get(path)
            self.answer(
                200 if body else 404, "text/html; charset=utf-8", (body or "").encode(), pages.policies.get(path)
            )

        def do_POST(self) -> None:
            token = pages.token(self.path.removeprefix("/token/"))
            self.answer(201, "application/json", json.dumps({"token": token}).encode())

        def answer(self, status: int, kind: str, body: bytes, policy: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        pages = HostPages(server.server_address[1], mint)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield pages
        server.shutdown()
        thread.join()
