"""The pages that carry the candidate app: in a host's frame, or by invitation link. GET changes nothing."""

from __future__ import annotations

import html
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, send_from_directory
from sqlalchemy import text

import tali
from tali.organizations.access import resources

STATIC = Path(tali.__file__).parent / "static"
META = "<!--tali:meta-->"
pages = Blueprint("embed_pages", __name__)

CANDIDATE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    )
)


@cache
def _index(modified: float) -> str:
    """The built page; `modified` is part of the key, so that a new build shows without a restart."""
    return (STATIC / "embed" / "app" / "index.html").read_text()


def _page(public_id: str, origins: list[str], ancestors: str, status: int) -> Response:
    path = STATIC / "embed" / "app" / "index.html"
    if not path.exists():
        return Response("The candidate app is not built. Run `make build`.", 503, mimetype="text/plain")
    metas = {"tali-public-id": public_id, "tali-allowed-origins": " ".join(origins), "tali-version": tali.__version__}
    tags = "".join(f'<meta name="{name}" content="{html.escape(value)}">' for name, value in metas.items())
    response = Response(_index(path.stat().st_mtime).replace(META, tags), status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = f"{CANDIDATE_POLICY}; frame-ancestors {ancestors}"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    return response


@pages.get("/embed/s/<public_id>")
def framed(public_id: str) -> Response:
    """The app in a host's frame. Only the organisation's own origins may frame it."""
    row = None
    if public_id.isalnum() and len(public_id) <= 64:
        with resources().database.nobody() as session:
            row = session.execute(
                text("SELECT allowed_origins FROM tali_embed_policy(:id)"), {"id": public_id}
            ).one_or_none()
    if row is None:
        return _page("", [], "'none'", 404)
    origins = list(row.allowed_origins)
    return _page(public_id, origins, " ".join(origins) or "'none'", 200)


@pages.get("/take")
def direct() -> Response:
    """The app by invitation link; the token is in the fragment, which no server sees."""
    return _page("", [], "'none'", 200)


@pages.get("/embed/v1.js")
def loader() -> Response:
    """The script that host pages load. Same address for ever, so it is not cached for long."""
    response = send_from_directory(STATIC / "embed", "v1.js", mimetype="text/javascript", max_age=300)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
