"""Signed bearers: who may sign, with which key, for how long, and what is refused."""

from __future__ import annotations

import base64
from datetime import timedelta

import jwt
import orjson
import pytest

from tali.kernel.clock import now
from tali.kernel.errors import Unauthorized
from tali.kernel.security import CLOCK_SKEW, KeyRing

OLD, NEW = "o" * 32, "n" * 32
AUDIENCE = "tali-admin"
MINUTES = timedelta(minutes=10)


def sign(*keys: str, at=None, lifetime=MINUTES, audience: str = AUDIENCE, **claims) -> str:
    return KeyRing(keys).sign(audience, {"sub": "ada", **claims}, at or now(), lifetime)


def refused(token: str, *keys: str) -> str:
    with pytest.raises(Unauthorized) as error:
        KeyRing(keys or (NEW, OLD)).verify(AUDIENCE, token)
    return error.value.code


def altered(token: str, header: dict | None = None, payload: dict | None = None) -> str:
    """The token with parts of it written anew, and the signature as it was."""

    def part(text: str, changes: dict | None) -> str:
        if changes is None:
            return text
        content = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) | changes
        return base64.urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")

    head, body, signature = token.split(".")
    return ".".join((part(head, header), part(body, payload), signature))


def test_the_old_key_verifies_and_the_new_one_signs() -> None:
    before, after = sign(OLD), sign(NEW, OLD)
    ring = KeyRing((NEW, OLD))
    assert ring.verify(AUDIENCE, before)["sub"] == ring.verify(AUDIENCE, after)["sub"] == "ada"
    assert KeyRing((NEW,)).verify(AUDIENCE, after)["sub"] == "ada"
    kids = [jwt.get_unverified_header(token)["kid"] for token in (before, after)]
    assert kids[0] != kids[1]
    assert OLD not in before


def test_a_dropped_keys_tokens_end() -> None:
    assert refused(sign(OLD), NEW) == "token_invalid"


@pytest.mark.parametrize("kid", ["unknown", "", "../../etc/passwd", 7, None])
def test_a_key_that_nobody_knows_is_refused(kid) -> None:
    assert refused(altered(sign(NEW), header={"kid": kid})) == "token_invalid"


def test_a_token_without_a_key_id_is_refused() -> None:
    key = KeyRing((NEW,))._derive(NEW, "jwt")
    payload = {"aud": AUDIENCE, "iat": now(), "exp": now() + MINUTES}
    assert refused(jwt.encode(payload, key, algorithm="HS256")) == "token_invalid"


@pytest.mark.parametrize("algorithm", ["none", "HS384", "RS256", "ES256", ""])
def test_another_algorithm_is_refused(algorithm: str) -> None:
    token = altered(sign(NEW), header={"alg": algorithm})
    assert refused(token) == "token_invalid"
    assert refused(token.rpartition(".")[0] + ".") == "token_invalid"


def test_another_algorithm_under_the_right_key_is_refused() -> None:
    ring = KeyRing((NEW,))
    kid = jwt.get_unverified_header(sign(NEW))["kid"]
    payload = {"aud": AUDIENCE, "iat": now(), "exp": now() + MINUTES}
    token = jwt.encode(payload, ring._derive(NEW, "jwt") * 2, algorithm="HS512", headers={"kid": kid})
    assert refused(token, NEW) == "token_invalid"


def test_what_was_altered_is_refused() -> None:
    assert refused(altered(sign(NEW), payload={"sub": "eve"})) == "token_invalid"


def test_a_token_is_for_one_audience() -> None:
    assert refused(sign(NEW, audience="tali-candidate")) == "token_invalid"


@pytest.mark.parametrize("missing", ["exp", "iat", "aud"])
def test_what_must_be_in_it_must_be_in_it(missing: str) -> None:
    ring = KeyRing((NEW,))
    payload = {"aud": AUDIENCE, "iat": now(), "exp": now() + MINUTES}
    del payload[missing]
    kid = jwt.get_unverified_header(sign(NEW))["kid"]
    token = jwt.encode(payload, ring._derive(NEW, "jwt"), algorithm="HS256", headers={"kid": kid})
    assert refused(token, NEW) == "token_invalid"


def test_it_expires_and_clocks_of_two_machines_may_differ_a_little() -> None:
    ring = KeyRing((NEW,))
    just_over = now() - MINUTES - CLOCK_SKEW / 2
    assert ring.verify(AUDIENCE, sign(NEW, at=just_over))["sub"] == "ada"
    assert refused(sign(NEW, at=now() - MINUTES - CLOCK_SKEW - timedelta(seconds=2)), NEW) == "token_expired"
    assert ring.verify(AUDIENCE, sign(NEW, at=now() + CLOCK_SKEW / 2))["sub"] == "ada"
    assert refused(sign(NEW, at=now() + timedelta(minutes=5)), NEW) == "token_invalid"
    assert timedelta(0) < CLOCK_SKEW <= timedelta(seconds=30)


@pytest.mark.parametrize("noise", ["", ".", "..", "a.b.c", "x" * 10_000, "é.é.é", "e30.e30."])
def test_noise_is_refused(noise: str) -> None:
    assert refused(noise) == "token_invalid"
