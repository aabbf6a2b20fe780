"""Variants: an attempt's seed chooses one, the same one wherever the task is used."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update
from tests.tasks.conftest import SMALL_TASK, SOLVED

from tali.assessments.models import Attempt
from tali.scoring.record import assemble
from tali.tasks.content import TaskContent, TaskContentSchema, Variant, problems_of
from tali.tasks.folder import TaskFolderError, dump, load

VARIANTS = [{"name": "bills", "replace": {"total": "bill", "Sum": "Bill"}}]


def content(**changes) -> TaskContent:
    return TaskContentSchema().load({**SMALL_TASK, "variants": VARIANTS, **changes})


def test_words_are_replaced_where_they_stand_alone_and_all_at_once() -> None:
    swap = Variant("swap", {"left": "right", "right": "left", "a.b": "c", "left side": "port"})
    assert (
        swap.apply("left right lefty test_left left_ a.b axb left side.")
        == "right left lefty test_left left_ c axb port."
    )


def test_every_part_of_the_task_speaks_the_same_words() -> None:
    name, bills = content().variant(1)
    assert name == "bills"
    assert bills.brief == "# Bill it up\n\nMake `bill` add.\n"
    assert bills.starter_files["cart.py"].startswith("def bill(items)")
    assert bills.reference_files["cart.py"] == SOLVED.replace("total", "bill")
    assert "import bill" in bills.hidden_tests["test_unseen.py"]
    assert "import bill" in bills.visible_tests["test_seen.py"]
    assert bills.title == "Sum it up", "lists show one title"


def test_seeds_share_the_variants_out_and_never_change_their_mind() -> None:
    many = content(variants=[*VARIANTS, {"name": "carts", "replace": {"total": "cart_total"}}])
    chosen = Counter(many.variant(seed)[0] for seed in range(999))
    assert chosen == {"original": 333, "bills": 333, "carts": 333}
    assert many.variant(2**31 - 1) == content(variants=many.to_data()["variants"]).variant(2**31 - 1)


def test_without_variants_every_seed_gets_the_task_as_it_is() -> None:
    plain = content(variants=[])
    assert plain.variant(17) == ("original", plain)
    assert plain.content_hash() != content().content_hash()


@pytest.mark.parametrize(
    ("variants", "told"),
    [
        ([{"name": "x", "replace": {"totl": "sum"}}], "variants.toml: x: “totl” occurs nowhere."),
        ([*VARIANTS, *VARIANTS], "variants.toml: two are called bills."),
        ([{"name": "original", "replace": {"total": "sum"}}], "variants.toml: original: is the task as it is written."),
    ],
)
def test_a_variant_that_says_nothing_is_told(variants, told) -> None:
    assert told in problems_of(content(variants=variants))


def test_variants_are_part_of_the_folder(tmp_path: Path) -> None:
    dump(content(), tmp_path / "t")
    assert load(tmp_path / "t") == content()
    (tmp_path / "t" / "variants.toml").write_text("[[variant]]\nname = 'x'\nreplaces = {a = 'b'}\n")
    with pytest.raises(TaskFolderError, match=r"variants\.toml: variant\.0\.replaces: Unknown field\."):
        load(tmp_path / "t")


def test_every_variant_is_validated_and_told_apart(author) -> None:
    author.create(variants=VARIANTS)
    ended = author.publish()
    assert (ended["state"], ended["problems"], ended["done"], ended["total"]) == ("passed", [], 14, 14)
    assert Counter(run["variant"] for run in ended["runs"]) == {"original": 7, "bills": 7}
    assert author.call("GET").json["variants"] == ["original", "bills"]


def test_a_variant_that_does_not_hold_keeps_the_task_from_being_published(author) -> None:
    author.create(variants=[*VARIANTS, {"name": "broken", "replace": {"return": "yield"}}])
    ended = author.publish()
    assert ended["state"] == "failed"
    assert ended["problems"][0].startswith("Variant broken: The reference fails"), ended["problems"]
    assert ended["version_number"] is None


def test_a_variant_whose_tests_have_other_names_cannot_be_graded_alike(author) -> None:
    author.create(variants=[{"name": "renamed", "replace": {"test_adds": "test_sums"}}])
    ended = author.publish()
    assert "Its hidden tests have other names" in ended["problems"][0]


def test_a_candidate_works_and_is_graded_in_one_variant_and_the_report_names_it(
    author, tenant, run_jobs, resources
) -> None:
    author.create(variants=VARIANTS)
    author.publish()
    tenant.task_id = UUID(author.task_id)
    for seed, word, name in ((4, "total", "original"), (7, "bill", "bills")):
        assessment = tenant.invite(email=f"ada{seed}@example.com")
        with resources.database.tenant(tenant.organization_id) as session:
            session.execute(
                update(Attempt).where(Attempt.assessment_id == UUID(assessment["id"])).values(variant_seed=seed)
            )
        candidate = tenant.candidate(assessment)
        assert candidate.session["task"]["brief"].endswith(f"Make `{word}` add.\n")
        assert candidate.files["cart.py"].startswith(f"def {word}(items)")
        assert f"import {word}" in candidate.files["tests/test_seen.py"]
        assert candidate.write("cart.py", SOLVED.replace("total", word)).status == 200
        candidate.test()
        candidate.ask("Where do I start?")
        run_jobs(tenant)
        assert f"what is left for `{word}`?" in candidate.refresh()["turns"][0]["response"]
        assert [test["passed"] for test in candidate.refresh()["executions"][0]["tests"]] == [True]
        candidate.submit()
        run_jobs(tenant)
        with resources.database.tenant(tenant.organization_id) as session:
            attempt_id = session.execute(
                select(Attempt.id).where(Attempt.assessment_id == UUID(assessment["id"]))
            ).scalar_one()
            seen = assemble(session, attempt_id, None)
        assert f"Make `{word}` add." in seen.task.brief, "evaluators compare with what the candidate was given"
        assert seen.task.starter_files["cart.py"].startswith(f"def {word}(items)")
        report = tenant.call("GET", f"/assessments/{assessment['id']}").json
        assert report["variant"] == name
        assert (report["result"]["tests"]["passed"], report["result"]["tests"]["total"]) == (1, 1)
        code = tenant.call("GET", f"/assessments/{assessment['id']}/code").json["files"]
        assert next(file for file in code if file["path"] == "cart.py")["starter"].startswith(f"def {word}(items)")


def test_the_report_of_a_task_without_variants_names_none(tenant) -> None:
    assessment = tenant.invite()
    assert tenant.call("GET", f"/assessments/{assessment['id']}").json["variant"] is None
