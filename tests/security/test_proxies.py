"""Whose address a limit counts: the peer's, unless the deployment says how many proxies stand in front."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tali.kernel.settings import Settings
from tali.web import create_app

FORGED = {"X-Forwarded-For": "203.0.113.9, 192.0.2.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}


@pytest.mark.parametrize(("proxies", "address", "scheme"), [(0, "127.0.0.1", "http"), (1, "192.0.2.7", "https")])
def test_the_last_trusted_proxy_names_the_client(
    services: Settings, resources, proxies: int, address: str, scheme: str
) -> None:
    app = create_app(replace(services, trusted_proxies=proxies), resources)
    seen = []

    @app.get("/who")
    def who() -> str:
        from flask import request

        seen.append((request.remote_addr, request.scheme, request.host))
        return ""

    app.test_client().get("/who", headers=FORGED)
    assert seen == [(address, scheme, "localhost")]


def test_nobody_is_trusted_by_default() -> None:
    assert Settings.from_environment({}).trusted_proxies == 0
    assert Settings.from_environment({"TALI_TRUSTED_PROXIES": "2"}).trusted_proxies == 2
