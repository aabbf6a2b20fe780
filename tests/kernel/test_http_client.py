"""The HTTP client that plugins are lent: its timeout is for the whole exchange."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tali.kernel.plugin_services import GuardedHttpClient
from tali.sdk.errors import Rejected, Transient

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-Name: value\r\n\r\n"


@pytest.fixture
def server() -> Iterator[Callable[[bytes, float], str]]:
    """Serves bytes one by one, with a pause before each, to whoever calls."""
    listeners: list[socket.socket] = []

    def start(answer: bytes, pause: float) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            try:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    for number in range(len(answer)):
                        time.sleep(pause)
                        connection.sendall(answer[number : number + 1])
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"

    yield start
    for listener in listeners:
        listener.close()


def test_an_answer_in_time_is_given(server) -> None:
    answer = GuardedHttpClient(allow_private=True).request("GET", server(HEAD + b"yes", 0), timeout=5)
    assert (answer.status, answer.body, answer.headers["x-name"]) == (200, b"yes", "value")


@pytest.mark.parametrize("head", [HEAD, b""], ids=["in the body", "in the headers"])
def test_a_server_that_drips_is_left_at_the_deadline(server, head: bytes) -> None:
    slow = HEAD.replace(b"3", b"900") + b"x" * 900
    url = server(slow, 0.02)
    began = time.monotonic()
    with pytest.raises(Transient, match="ReadTimeout"):
        GuardedHttpClient(allow_private=True).request("GET", url, timeout=0.4 if not head else 2)
    assert time.monotonic() - began < (1 if not head else 3)


def test_loopback_is_no_public_address(server) -> None:
    with pytest.raises(Rejected, match="not a public address"):
        GuardedHttpClient().request("GET", server(HEAD + b"yes", 0))
