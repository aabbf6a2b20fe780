"""How a model judges, as the Messages API on loopback plays it: honestly, or obeying what a candidate planted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.fakes.messages_api import Script, beginning, ending, piece, stream

_MATERIAL = re.compile(r"MATERIAL (\w+)\n(.*)\nEND OF MATERIAL \1", re.DOTALL)
Answer = dict[str, Any]


def material(body: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """The document that is to be judged, and everything that was said outside of it."""
    said = "\n".join(block["text"] for message in body["messages"] for block in message["content"])
    found = _MATERIAL.search(said)
    try:
        document = json.loads(found.group(2)) if found else None
    except json.JSONDecodeError:
        document = None
    if found is None or document is None:
        return None, said
    return document, said[: found.start()] + said[found.end() :]


def honest(value: float = 6) -> Script:
    """Judges everything alike, each value with a quote from a message."""
    return lambda body: _say(body, answer(body, lambda quotes: (value, quotes[:2])))


def naive(order: str) -> Script:
    """Obeys `order` where it is told outside of the quoted document, as a model might where text is not framed."""

    def script(body: dict[str, Any]) -> Any:
        _, outside = material(body)
        return _say(body, answer(body, lambda quotes: (10 if obeyed(order, outside) else 6, quotes[:2])))

    return script


def obedient(order: str, *, invented: bool) -> Script:
    """The worst: obeys `order` wherever it stands, with evidence that it made up or with real quotes."""

    def script(body: dict[str, Any]) -> Any:
        document, outside = material(body)
        heard = obeyed(order, outside + "\n" + "\n".join(_strings(document)))
        made_up = [
            {"where": "message", "prompt": 0, "path": "", "quote": "I planned, measured and verified each step."}
        ]
        return _say(
            body, answer(body, lambda quotes: (10, made_up if invented else quotes[:2]) if heard else (6, quotes[:2]))
        )

    return script


def obeyed(order: str, text: str) -> bool:
    """Whether an order is told in a text; line ends and blanks do not hide it."""
    return " ".join(order.split()) in " ".join(text.split())


def answer(body: dict[str, Any], decide: Callable[[list[Answer]], tuple[float, list[Answer]]]) -> Answer:
    """An answer by the schema that was asked for."""
    document, _ = material(body)
    schema = body["output_config"]["format"]["schema"]["properties"]
    quotes = list(_quotes(document or {}))
    value, evidence = decide(quotes)
    if "signals" not in schema:
        short = [{"prompt": quote["prompt"], "quote": quote["quote"]} for quote in evidence]
        return {"evidence": short, "why": "As it was.", "value": value}
    judged = {"evidence": evidence, "why": "It was so.", "value": value}
    turns = [turn["prompt"] for turn in (document or {}).get("turns", []) if "prompt" in turn]
    names = schema["prompts"]["items"]["properties"]
    each = {name: value for name in names if name not in ("prompt", "note")}
    return {
        "signals": dict.fromkeys(schema["signals"]["properties"], judged),
        "fraud": [],
        "prompts": [{"prompt": index, **each, "note": "As usual."} for index in turns],
    }


def _quotes(document: dict[str, Any]) -> Iterator[Answer]:
    for turn in [*document.get("turns", []), *document.get("exchanges", [])]:
        message = turn.get("message", "")
        text = message if isinstance(message, str) else message.get("beginning", "")
        if text.strip() and "prompt" in turn:
            yield {"where": "message", "prompt": turn["prompt"], "path": "", "quote": text.strip()[:120].strip()}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _say(body: dict[str, Any], said: Answer) -> Any:
    return stream(beginning(body["model"]), piece(json.dumps(said)), ending("end_turn"))
