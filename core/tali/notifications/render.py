"""A letter as a message: plain text and HTML that say the same, in TALI's colours."""

from __future__ import annotations

import json
import textwrap
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import tali
from tali.notifications.letters import Letter, plain_name
from tali.sdk import Address, MailMessage

TOKENS = Path(tali.__file__).parent / "brand" / "tokens.json"
WIDTH = 76


@cache
def _tokens() -> dict[str, Any]:
    tokens: dict[str, Any] = json.loads(TOKENS.read_text())
    return tokens


@cache
def colours(theme: str) -> dict[str, str]:
    """The one token file's colours of a theme."""
    found: dict[str, str] = _tokens()["themes"][theme]
    return found


@cache
def sans() -> str:
    """The font that admin and widget have too, for a style attribute."""
    return str(_tokens()["font"]["sans"])


def render(letter: Letter, idempotency_key: str) -> MailMessage:
    """The message, whole."""
    return MailMessage(
        to=_named(letter.to),
        subject=plain_subject(letter.subject),
        text=_text(letter),
        html=_html(letter),
        idempotency_key=idempotency_key,
        reply_to=_named(letter.reply_to) if letter.reply_to else None,
    )


def _named(address: Address) -> Address:
    return Address(address.email, plain_name(address.name))


def plain_subject(subject: str) -> str:
    """One line."""
    return " ".join(subject.split())[:200]


def _text(letter: Letter) -> str:
    greeting = _greeting(letter)
    parts = [textwrap.fill(part, WIDTH, break_long_words=False) for part in (greeting, *letter.paragraphs) if part]
    if letter.button:
        label, url = letter.button
        # A line of its own, never wrapped: mail programs make a link of it.
        parts.append(f"{label}:\n{url}")
    parts += [textwrap.fill(part, WIDTH, break_long_words=False) for part in letter.closing]
    return "\n\n".join(parts) + "\n"


def _greeting(letter: Letter) -> str:
    name = plain_name(letter.to.name)
    return f"Hello {name}," if name else "Hello,"


def _html(letter: Letter) -> str:
    """Tables and style attributes, as mail programs want it; it says that it can bear being recoloured."""
    colour = colours("light")
    font = escape(sans(), quote=True)
    body = "".join(f'<p style="margin:0 0 16px">{escape(part)}</p>' for part in (_greeting(letter), *letter.paragraphs))
    if letter.button:
        label, url = letter.button
        # Bordered as well: a program that drops backgrounds still shows a button.
        body += (
            f'<p style="margin:24px 0"><a href="{escape(url, quote=True)}" style="display:inline-block;'
            "padding:12px 20px;"
            f"border:1px solid {colour['accent']};border-radius:8px;background:{colour['accent']};"
            f'color:{colour["on-accent"]};font-weight:600;text-decoration:none">{escape(label)}</a></p>'
            f'<p style="margin:0 0 16px;font-size:13px;color:{colour["text-muted"]}">Or copy this address:<br>'
            f'<span style="word-break:break-all">{escape(url)}</span></p>'
        )
    closing = "".join(f'<p style="margin:0 0 8px">{escape(part)}</p>' for part in letter.closing)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(plain_subject(letter.subject))}</title></head>'
        f'<body style="margin:0;padding:24px 12px;background:{colour["surface-sunken"]};color:{colour["text"]};'
        f'font-family:{font};font-size:16px;line-height:1.5">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">'
        f'<table role="presentation" cellpadding="0" cellspacing="0" style="width:100%;max-width:560px;'
        f'background:{colour["surface"]};border:1px solid {colour["border"]};border-radius:12px;text-align:left">'
        f'<tr><td style="padding:32px 32px 8px"><p style="margin:0 0 24px;font-weight:700;letter-spacing:0.02em;'
        f'color:{colour["accent-text"]}">TALI</p>{body}</td></tr>'
        f'<tr><td style="padding:8px 32px 24px;font-size:13px;color:{colour["text-muted"]}">{closing}</td></tr>'
        "</table></td></tr></table></body></html>"
    )
