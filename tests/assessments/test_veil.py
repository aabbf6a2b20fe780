"""The veil of blind review: a person is hidden however they are written, and little else is."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tali.assessments.names import NamePattern
from tali.workspace.models import Turn

PERSON = ("Zdeňka Hoffmannová", "zdenka.hoffmannova@example.com")


def veiled(text: str, full_name: str = PERSON[0], email: str = PERSON[1]) -> str:
    return NamePattern(full_name, email).replaced(text, lambda _: "§")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("zdenkahoffmannova", "§"),
        ("© zdenkahoffmannova2024", "© §2024"),
        ("myzdenkahoffmannovawork", "my§work"),
        ("Hoffmannová, Zdeňka", "§"),
        ("hoffmannova_zdenka", "§"),
        ("HoffmannovaZdenka", "§"),
        ("mail zdenka.hoffmannova please", "mail § please"),
        ("zdenka.hoffmannova@elsewhere.example", "§@elsewhere.example"),
        ("zhoffmannova", "§"),
        ("hoffmannova.z", "§"),
        ("zdenkah", "§"),
        ("def solveZdenkaHoffmannova():", "def solve§():"),
        ("class HoffmannovaSolver:", "class §Solver:"),
        ("XMLHoffmannova", "XML§"),
        ("ZDENKA_LIMIT = hoffmannova2", "§_LIMIT = §2"),
        ("Zden\u200bka", "§"),
        ("Zden\u030cka", "§"),
        ("été: Zdenka, ß", "été: §, ß"),
    ],
)
def test_a_person_is_hidden_in_every_spelling(written, shown) -> None:
    assert veiled(written) == shown


@pytest.mark.parametrize(
    ("name", "email", "written", "shown"),
    [
        ("Jürgen Müller", "jm@example.com", "Juergen Mueller, jurgen_muller", "§, §"),
        ("Juergen Mueller", "jm@example.com", "Jürgen Müller", "§"),
        ("Seán O'Brien", "s@example.com", "O’Brien, obrien.py, seanobrien, sobrien", "§, §.py, §, §"),
        ("王小明", "wang.xm@example.cn", "我叫王小明。叫我小明吧 wangxm", "我叫§。叫我§吧 §"),
        ("Анна Иванова", "a@example.com", "Меня зовут Анна! ИвановаАнна", "Меня зовут §! §"),
    ],
)
def test_names_of_many_kinds_are_hidden(name, email, written, shown) -> None:
    assert veiled(written, name, email) == shown


@pytest.mark.parametrize(
    ("name", "email", "written"),
    [
        (*PERSON, "hoffmann, zdenkas, a, h, z.h, novel"),
        ("Al So", "also@example.com", "it is also small, so soon"),
        ("Ada Byron", "test@example.com", "test_adaptive = baron, 'adage', Canada"),
        ("X", "x@example.com", "x = [y for y in xs]"),
        ("", "@", "anything at all"),
    ],
)
def test_other_words_stay(name, email, written) -> None:
    assert veiled(written, name, email) == written


def test_a_name_that_a_reply_brings_in_pieces_is_hidden(tenant, run_jobs) -> None:
    made = tenant.invite(PERSON[1], candidate={"full_name": PERSON[0], "email": PERSON[1]}, send_invitation=False)
    candidate = tenant.candidate(made)
    turn = candidate.ask("Who am I?").json["turn"]
    run_jobs(tenant)
    said = ["Hello Zden", "ka Hoff", "mann", "ova, "]
    pieces = [{"n": n, "type": "text", "text": text} for n, text in enumerate(said, 1)]
    pieces += [
        {"n": 5, "type": "edit_proposal", "path": "zhoffmannova.py", "find": "", "replace": "author = 'Zdenka'"},
        {"n": 6, "type": "text", "text": "done."},
    ]
    with tenant.resources.database.tenant(tenant.organization_id) as session:
        session.execute(update(Turn).where(Turn.id == turn["id"]).values(parts=pieces, response="".join(said)))
    [open_one] = tenant.call("GET", f"/assessments/{made['id']}/prompts").json["data"]
    assert open_one["parts"] == pieces
    assert tenant.call("PATCH", f"/assessments/{made['id']}", json={"blind_review": True}).status == 200
    [shown] = tenant.call("GET", f"/assessments/{made['id']}/prompts").json["data"]
    assert [part.get("text") for part in shown["parts"]] == ["Hello [candidate], ", None, "done."]
    assert (shown["parts"][1]["path"], shown["parts"][1]["replace"]) == ("[candidate].py", "author = '[candidate]'")


def test_no_order_within_a_day_is_told_of_blind_assessments(tenant) -> None:
    """Candidates are listed by the moment they were made; an assessment's place must not match theirs."""
    made = [tenant.invite(f"p{n}@example.com", send_invitation=False, blind_review=True)["id"] for n in range(6)]
    listed = [row["id"] for row in tenant.call("GET", "/assessments").json["data"]]
    assert listed == sorted(made, reverse=True), "by the random id"


def test_the_mail_of_a_blind_assessment_tells_its_day_and_no_order(tenant, run_jobs) -> None:
    bare = tenant.invite("open@example.com")
    blind = [tenant.invite(f"p{n}@example.com", blind_review=True) for n in range(2)]
    run_jobs(tenant)
    listed = tenant.call("GET", "/notifications").json["data"]
    assert {row["subject_id"] for row in listed} == {bare["id"]}
    for one in blind:
        answer = tenant.call("GET", f"/notifications?subject_id={one['id']}").json
        [row] = answer["data"]
        assert (row["template"], row["state"]) == ("candidate_invitation", "kept")
        assert row["created_at"].endswith("T00:00:00.000Z")
        assert row["settled_at"].endswith("T00:00:00.000Z")
        assert answer["next_cursor"] is None
        assert row["id"][14] == "5", "not the job's, which begins with the moment"
    tenant.call("PATCH", f"/assessments/{blind[0]['id']}", json={"blind_review": False})
    listed = tenant.call("GET", "/notifications").json["data"]
    assert {row["subject_id"] for row in listed} == {bare["id"], blind[0]["id"]}
