"""Different solutions are far from what a disguised copy reaches: measured on solutions that work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from tali.scoring.fingerprint import fingerprint
from tali.scoring.likeness import FEWEST_HASHES
from tali.tasks.folder import library, load
from tali.workspace.service import starter_files

SLUG, SOLVED = "meeting-slots", "scheduling/proposals.py"
FOLDER = Path(__file__).parent / "solutions"
OWN = sorted(path.stem for path in FOLDER.glob("own_*.py"))
COPIES = sorted(path.stem for path in FOLDER.glob("copy_*.py"))
MOST_BY_CHANCE, LEAST_OF_A_COPY = 0.05, 0.5
"""Measured: at most 1.3 % between solutions of one's own; 84, 76 and 52 % of a copy, by how much was changed."""


@pytest.fixture(scope="module")
def prints() -> dict[str, set[int]]:
    """What is kept of each solution, the task's own reference among them."""
    content = load(library()[SLUG])
    given, _ = starter_files(content)
    solutions = {name: {SOLVED: (FOLDER / f"{name}.py").read_text()} for name in (*OWN, *COPIES)}
    solutions["reference"] = dict(content.reference_files)
    return {
        name: {place.hash for place in fingerprint({**given, **files}, given).places}
        for name, files in solutions.items()
    }


def share(one: set[int], other: set[int]) -> float:
    """Of the smaller of the two: the highest that either page would show."""
    return len(one & other) / min(len(one), len(other))


def test_independent_solutions_stay_far_below_what_copies_reach(prints) -> None:
    assert (len(OWN), len(COPIES)) == (6, 3)
    assert all(len(kept) >= 10 * FEWEST_HASHES for kept in prints.values()), "enough to compare"
    between = {pair: share(*map(prints.get, pair)) for pair in combinations([*OWN, "reference"], 2)}
    assert max(between.values()) < MOST_BY_CHANCE, max(between, key=between.get)
    for name in COPIES:
        source = name.replace("copy_", "own_")
        told = len(prints[name] & prints[source]) / len(prints[name])
        assert told > LEAST_OF_A_COPY, (name, told)
        others = [share(prints[name], prints[other]) for other in (*OWN, "reference") if other != source]
        assert max(others) < MOST_BY_CHANCE, name


@pytest.mark.slow
@pytest.mark.parametrize("name", [*OWN, *COPIES])
def test_each_of_them_solves_the_task(name: str, tmp_path: Path) -> None:
    """Otherwise the measure says nothing about solutions. The hidden test of speed is left to the sandbox."""
    task = library()[SLUG]
    shutil.copytree(task / "starter", tmp_path, dirs_exist_ok=True)
    shutil.copytree(task / "tests" / "hidden", tmp_path / "tests")
    shutil.copy(FOLDER / f"{name}.py", tmp_path / SOLVED)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not quick", "tests"]
    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-2000:]
