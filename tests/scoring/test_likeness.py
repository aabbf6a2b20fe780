"""Copies are found whatever their names are, solutions of one's own are not, and it is told as facts."""

from __future__ import annotations

import builtins
import io
import keyword
import re
import tokenize
from uuid import UUID

import pytest
from sqlalchemy import select

from tali.assessments.models import Attempt
from tali.scoring import likeness
from tali.scoring.fingerprint import GRAM, METHOD, WINDOW, fingerprint
from tali.scoring.models import Fingerprint
from tali.tasks.folder import library, load
from tali.workspace.service import starter_files

TASKS = sorted(library())


def renamed(path: str, text: str) -> str:
    """The same program with other names, comments and spacing."""
    if not path.endswith(".py"):
        names = {*re.findall(r"\b(?:const|let|function|class|var)\s+(\w+)", text), *re.findall(r"(\w+)\)?\s*=>", text)}
        text = re.sub(r"(?m)^\s*//.*$", "", text)
        numbered = {name: f"other{n}" for n, name in enumerate(sorted(names))}
        return re.sub(r"\b\w+\b", lambda word: numbered.get(word[0], word[0]), text).replace("  ", "\t")
    numbered: dict[str, str] = {}
    tokens = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        word = token.string
        if token.type == tokenize.NAME and not keyword.iskeyword(word) and not hasattr(builtins, word):
            word = numbered.setdefault(word, "this" if word == "self" else f"other_{len(numbered)}")
        elif token.type == tokenize.COMMENT:
            word = "# in other words"
        tokens.append((token.type, word))
    return tokenize.untokenize(tokens)


def solved(slug: str) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """(handed in, given, paths of the solution) of a task's reference."""
    content = load(library()[slug])
    given, _ = starter_files(content)
    return {**given, **content.reference_files}, given, set(content.reference_files)


def hashes(files, given) -> set[int]:
    return {place.hash for place in fingerprint(files, given).places}


def share(one: set[int], other: set[int]) -> float:
    return len(one & other) / min(len(one), len(other))


@pytest.mark.parametrize("slug", TASKS)
def test_a_copy_with_other_names_is_found(slug: str) -> None:
    final, given, own = solved(slug)
    copied = {path: renamed(path, text) if path in own else text for path, text in final.items()}
    assert copied != final
    assert share(hashes(final, given), hashes(copied, given)) > 0.9


@pytest.mark.parametrize("slug", TASKS)
def test_what_the_task_gave_counts_for_nobody(slug: str) -> None:
    _, given, _ = solved(slug)
    found = fingerprint(given, given)
    assert (found.token_count, found.places) == (0, [])
    moved = {f"elsewhere/{path}": text for path, text in given.items()}
    assert fingerprint(moved, given).token_count == 0


def test_solutions_of_different_tasks_share_next_to_nothing() -> None:
    prints = {slug: hashes(*solved(slug)[:2]) for slug in TASKS}
    for one in TASKS:
        for other in TASKS:
            if one < other:
                assert share(prints[one], prints[other]) < 0.05, (one, other)


OWN_EVENTS = '''
"""Reads the provider's webhook payloads."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone

from billing.errors import InvalidEvent

STATUSES = ("open", "paid", "void")
AMOUNT = re.compile(r"(\\d+)(?:\\.(\\d{1,2}))?")
FIELDS = ("event_id", "delivery_id", "customer", "invoice", "status")


@dataclass(frozen=True)
class Event:
    """One thing that happened to one invoice."""

    event_id: str
    delivery_id: str
    customer: str
    invoice: str
    status: str
    amount_cents: int
    occurred_at: datetime


def parse_event(body: str) -> Event:
    """Parse the body of a webhook.

    Raises InvalidEvent when it is not one.
    """
    try:
        data = json.loads(body)
    except ValueError:
        raise InvalidEvent("this is not JSON")
    if not isinstance(data, dict):
        raise InvalidEvent("this is not an object")
    for name in FIELDS + ("amount", "occurred_at"):
        if not isinstance(data.get(name), str):
            raise InvalidEvent("the field " + name + " should be a string")
    if data["status"] not in STATUSES:
        raise InvalidEvent("status " + data["status"] + " is unknown")
    match = AMOUNT.fullmatch(data["amount"])
    if match is None:
        raise InvalidEvent("amounts look like 12.50")
    whole, fraction = match.groups()
    when = datetime.fromisoformat(data["occurred_at"])
    if when.utcoffset() is None:
        raise InvalidEvent("times need an offset")
    return Event(
        **{name: data[name] for name in FIELDS},
        amount_cents=int(whole) * 100 + int((fraction or "0").ljust(2, "0")),
        occurred_at=when.astimezone(timezone.utc),
    )
'''
OWN_PROCESSOR = '''
"""Applies webhooks to the ledger."""

import time

from billing.errors import UnknownCustomer
from billing.events import parse_event
from billing.seen import SeenEvents
from billing.store import Invoice


class WebhookProcessor:
    """Handles one webhook at a time."""

    def __init__(self, store, clock=time.time, seen=None):
        self.store = store
        self.clock = clock
        self.seen = SeenEvents() if seen is None else seen

    def handle(self, body):
        event = parse_event(body)
        moment = self.clock()
        self.seen.expire(moment)
        if event.event_id in self.seen:
            return "duplicate"
        if event.customer in self.store.customers:
            invoice = self.store.find(event.invoice)
            newer = invoice is None or invoice.updated_at <= event.occurred_at
            if newer and invoice is None:
                fields = (event.invoice, event.customer, event.status, event.amount_cents, event.occurred_at)
                self.store.add(Invoice(*fields))
            elif newer:
                for name, value in (("status", event.status), ("amount_cents", event.amount_cents)):
                    setattr(invoice, name, value)
                invoice.updated_at = event.occurred_at
            self.seen.add(event.event_id, moment)
            return "applied" if newer else "stale"
        raise UnknownCustomer(event.customer)
'''
OWN_SEEN = '''
"""Remembers which events were dealt with."""

from collections import OrderedDict

DAY_SECONDS = 24 * 60 * 60


class SeenEvents:
    def __init__(self, keep_seconds=DAY_SECONDS):
        self.keep_seconds = keep_seconds
        self.keys = OrderedDict()

    def __contains__(self, key):
        return key in self.keys

    def __len__(self):
        return len(self.keys)

    def add(self, key, now):
        self.keys[key] = now
        self.keys.move_to_end(key)
        self.expire(now)

    def expire(self, now):
        while self.keys:
            oldest, at = next(iter(self.keys.items()))
            if now - at < self.keep_seconds:
                return
            self.keys.popitem(last=False)
'''
OWN = {"billing/events.py": OWN_EVENTS, "billing/processor.py": OWN_PROCESSOR, "billing/seen.py": OWN_SEEN}


def test_a_solution_of_ones_own_is_not_alike() -> None:
    final, given, _ = solved("webhook-redeliveries")
    assert share(hashes(final, given), hashes({**given, **OWN}, given)) < 0.15


def test_whatever_is_shared_in_a_long_enough_run_is_found_wherever_it_stands() -> None:
    shared = (
        "total = 0\nfor row in rows:\n    if row.open and row.amount > limit:\n        total += row.amount * rate\n"
    )
    one = {"a.py": "def first(rows, limit, rate):\n    pass\n\n" + shared}
    two = {"deep/b.py": "import os\n\nprint(os.getcwd())\n\n\n" + shared + "\nprint(total)\n"}
    assert GRAM + WINDOW - 1 <= 30
    assert hashes(one, {}) & hashes(two, {})


@pytest.mark.parametrize("text", ["", "\x00\ufffd", "((((" * 5_000, "'" * 9_999, "é" * 5_000, "x=" * 120_000])
def test_strange_text_has_a_fingerprint_too(text: str) -> None:
    for path in ("a.py", "a.js", "a.unknown", "noextension", "notes.md"):
        fingerprint({path: text}, {})


def submitted(tenant, run_jobs, email: str, files, **options):
    candidate = tenant.candidate(tenant.invite(email, send_invitation=False, **options))
    for path, text in files.items():
        assert candidate.write(path, text).status == 200
    candidate.submit()
    run_jobs(tenant)
    return candidate.assessment["id"]


def test_the_nearest_attempts_are_told_with_the_lines_that_match(tenant, run_jobs) -> None:
    final, _, own = solved("webhook-redeliveries")
    first = submitted(tenant, run_jobs, "a@example.com", {path: final[path] for path in own})
    alone = tenant.call("GET", f"/assessments/{first}/likeness").json
    assert (alone["compared_with"], alone["nearest"]) == (0, [])
    assert alone["told"] == ["There is no other attempt of this task to compare with."]
    submitted(tenant, run_jobs, "b@example.com", OWN)
    copy = submitted(tenant, run_jobs, "c@example.com", {path: renamed(path, final[path]) for path in own})
    found = tenant.call("GET", f"/assessments/{copy}/likeness").json
    assert found["compared_with"] == 2
    nearest = found["nearest"][0]
    assert (nearest["assessment_id"], nearest["same_candidate"]) == (first, False)
    assert nearest["candidate"]["email"] == "a@example.com"
    assert nearest["share"] > 0.85
    assert all(other["share"] < 0.2 for other in found["nearest"][1:])
    region = nearest["regions"][0]
    assert region["path"] == region["other_path"] in own
    assert 1 <= region["first_line"] <= region["last_line"] <= final[region["path"]].count("\n") + 5
    assert (found["exposure"]["attempts"], found["exposure"]["candidates"]) == (3, 3)
    assert found["exposure"]["first_seen"]
    words = " ".join(found["told"]).lower()
    assert "%" in words
    for verdict in ("cheat", "plagiar", "copied", "suspicious", "fraud"):
        assert verdict not in words


def test_likeness_says_what_it_cannot_tell(tenant, run_jobs) -> None:
    candidate = tenant.candidate()
    path = f"/assessments/{candidate.assessment['id']}/likeness"
    assert tenant.call("GET", path).json["told"] == ["Nothing was handed in yet."]
    candidate.submit()
    run_jobs(tenant)
    assert "too little" in tenant.call("GET", path).json["told"][0]


def test_a_blind_candidate_is_not_given_away_by_another_attempt_of_their_own(tenant, run_jobs) -> None:
    final, _, own = solved("webhook-redeliveries")
    files = {path: final[path] for path in own}
    submitted(tenant, run_jobs, "ada@example.com", files)
    blind = submitted(tenant, run_jobs, "ada@example.com", files, blind_review=True)
    answer = tenant.call("GET", f"/assessments/{blind}/likeness")
    assert answer.json["nearest"][0]["share"] == 1
    assert b"ada@example.com" not in answer.body
    assert answer.json["nearest"][0]["same_candidate"] is None


def test_likeness_takes_the_same_few_queries_however_many_attempts_there_are(tenant, run_jobs, statements) -> None:
    files = {"billing/seen.py": OWN_SEEN, "billing/processor.py": OWN_PROCESSOR}
    ids = [submitted(tenant, run_jobs, f"p{n}@example.com", files) for n in range(2)]
    with statements() as few:
        tenant.call("GET", f"/assessments/{ids[0]}/likeness")
    for n in range(2, 5):
        submitted(tenant, run_jobs, f"p{n}@example.com", files)
    with statements() as many:
        tenant.call("GET", f"/assessments/{ids[0]}/likeness")
    assert len(few) == len(many)


def test_one_look_takes_in_so_many_attempts_and_no_more(tenant, run_jobs, monkeypatch) -> None:
    monkeypatch.setattr(likeness, "MOST_COMPARED", 2)
    monkeypatch.setattr(likeness, "MOST_PLACES", 30)
    first, *others = [submitted(tenant, run_jobs, f"c{n}@example.com", OWN) for n in range(4)]
    told = tenant.call("GET", f"/assessments/{first}/likeness").json
    assert (told["compared_with"], len(told["nearest"])) == (2, 2)
    assert {one["assessment_id"] for one in told["nearest"]} == set(others[-2:])
    assert told["own_passages"] <= 30


def test_what_most_attempts_share_is_the_tasks_and_nobodys(tenant, resources) -> None:
    everybodys, ones_own = list(range(1, 31)), list(range(100, 121))

    def kept(email: str, hashes: list[int]) -> str:
        assessment_id = tenant.invite(email)["id"]
        with resources.database.tenant(tenant.organization_id) as session:
            attempt_id = session.execute(
                select(Attempt.id).where(Attempt.assessment_id == UUID(assessment_id))
            ).scalar_one()
            session.add(
                Fingerprint(
                    organization_id=tenant.organization_id,
                    attempt_id=attempt_id,
                    task_id=tenant.task_id,
                    method=METHOD,
                    token_count=500,
                    hashes=hashes,
                    places=[[one, "a.py", one, one] for one in hashes],
                )
            )
        return assessment_id

    for number in range(9):
        kept(f"p{number}@example.com", everybodys)
    mine = kept("mine@example.com", everybodys + ones_own)
    twin = kept("twin@example.com", ones_own)
    found = tenant.call("GET", f"/assessments/{mine}/likeness").json
    assert (found["compared_with"], found["own_passages"]) == (10, len(ones_own))
    assert [(other["assessment_id"], other["share"]) for other in found["nearest"]] == [(twin, 1)]
    [region] = found["nearest"][0]["regions"]
    assert (region["first_line"], region["last_line"]) == (100, 120)
