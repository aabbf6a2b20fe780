"""`/dev/mailbox`: what was kept, for who tries TALI out. In production this module is not even loaded."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request

from tali.notifications import mailbox
from tali.notifications.render import colours, sans
from tali.organizations.access import resources

dev_mailbox = Blueprint("dev_mailbox", __name__)
LINK = re.compile(r"https?://[^\s<>\"]+")


@dev_mailbox.before_request
def only_by_its_own_name() -> None:
    """A page elsewhere can give its own host name this machine's address and read what answers: so the name counts."""
    settings = resources().settings
    own = {urlsplit(settings.public_url).hostname, settings.host, "localhost", "127.0.0.1", "::1"}
    if urlsplit(f"//{request.host}").hostname not in own:
        abort(404)


@dev_mailbox.get("/dev/mailbox")
def list_kept() -> Response:
    """The messages, newest first."""
    messages = mailbox.kept(resources().valkey, resources().key_ring)
    shown = "".join(_article(message) for message in messages) or (
        '<p class="empty">No mail yet. Invite somebody, or ask for a new password, and it lies here within seconds.</p>'
    )
    notifier = resources().settings.notifier
    explained = (
        f"Mail leaves through {escape(notifier)} and is not kept here. Without TALI_NOTIFIER it would be."
        if notifier
        else "What TALI would have mailed: no notifier is set, so it is kept here, for development only. The newest "
        f"{mailbox.CAP} stay, for {mailbox.LIFETIME.days} days."
    )
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mailbox · TALI</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{style}</style></head><body><main><h1>Mailbox</h1>"
        f"<p>{explained}</p>{shown}</main></body></html>"
    )
    response = Response(page, mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@dev_mailbox.get("/dev/mailbox/<message_id>")
def as_html(message_id: str) -> Response:
    """One message as a mail program shows it; boxed in, since it is made of what people typed."""
    messages = mailbox.kept(resources().valkey, resources().key_ring)
    found = next((message for message in messages if message["id"] == message_id), None)
    if found is None:
        abort(404)
    response = Response(found["html"], mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
        " sandbox allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _article(message: dict[str, Any]) -> str:
    name = f"{message['name']} <{message['email']}>" if message["name"] else message["email"]
    return (
        f"<article><h2>{escape(message['subject'])}</h2>"
        f'<p class="to">To {escape(name)} · <time datetime="{escape(message["at"])}">'
        f"{escape(message['at'][:19].replace('T', ' '))} UTC</time></p>"
        f'<pre tabindex="0" aria-label="Text of the message">{_linked(message["text"])}</pre>'
        f'<p><a href="/dev/mailbox/{escape(message["id"])}">As a mail program shows it'
        f'<span class="hidden">: {escape(message["subject"])}</span></a></p></article>'
    )


def _linked(text: str) -> str:
    """The text, escaped, with its addresses as links."""
    parts, end = [], 0
    for found in LINK.finditer(text):
        url = escape(found[0])
        parts += [escape(text[end : found.start()]), f'<a href="{url}" rel="noreferrer noopener">{url}</a>']
        end = found.end()
    return "".join([*parts, escape(text[end:])])


def _style() -> str:
    light, dark = colours("light"), colours("dark")
    names = ("surface", "surface-sunken", "border", "text", "text-muted", "accent-text", "focus")

    def variables(theme: dict[str, str]) -> str:
        return ";".join(f"--{name}:{theme[name]}" for name in names)

    return (
        f":root{{color-scheme:light dark;{variables(light)}}}"
        f"@media(prefers-color-scheme:dark){{:root{{{variables(dark)}}}}}"
        f"body{{margin:0;background:var(--surface-sunken);color:var(--text);font:16px/1.5 {sans()}}}"
        "main{max-width:46rem;margin:0 auto;padding:2rem 1rem}"
        "h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.125rem;margin:0;overflow-wrap:anywhere}"
        "article{margin:1.5rem 0;padding:1.25rem;background:var(--surface);border:1px solid var(--border);"
        "border-radius:12px}"
        ".to{margin:.25rem 0 1rem;color:var(--text-muted);font-size:.875rem;overflow-wrap:anywhere}"
        "pre{margin:0 0 1rem;font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}"
        "a{color:var(--accent-text)}"
        "a:focus-visible,pre:focus-visible{outline:2px solid var(--focus);outline-offset:2px}"
        ".empty{padding:2rem 0;color:var(--text-muted)}"
        ".hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"
    )
