"""How soon it is there, what it weighs at rest, how soon a submission is scored, how soon a reply begins."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from tests.candidate import Candidate
from tests.stack import Stack, running_stack, wait_until

from benchmarks.figures import Figure
from tali.cli.embedded import EmbeddedPostgres, EmbeddedValkey
from tali.tasks.folder import library, load

AREA = "skeleton"
MEGABYTE = 1024 * 1024


def figures() -> Iterator[Figure]:
    """The figures of the main job."""
    with tempfile.TemporaryDirectory(prefix="tali-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with running_stack(folder):
            pass  # the first start sets up; what follows is what people wait for every day
        yield _second_start(folder)
        with running_stack(folder) as stack:
            stack.sign_in()
            yield _memory(stack)
            yield _submit_to_scored(stack)
            yield _first_chunk(stack)


def _second_start(folder: Path) -> Figure:
    runs, references = [], []
    for _ in range(5):
        began = time.perf_counter()
        with running_stack(folder):
            runs.append(time.perf_counter() - began)
        references.append(_services_alone())
    return Figure(AREA, "second_start", "s", runs, "PostgreSQL and Valkey alone", references, 3.0)


def _services_alone() -> float:
    with tempfile.TemporaryDirectory(prefix="tali-bench-") as name:
        data_dir = Path(name)
        data_dir.chmod(0o755)
        postgres, valkey = EmbeddedPostgres(data_dir), EmbeddedValkey(data_dir)
        postgres.start(lambda _: None)
        postgres.stop()
        began = time.perf_counter()
        postgres.start(lambda _: None)
        valkey.start()
        seconds = time.perf_counter() - began
        postgres.stop()
        valkey.stop()
        return seconds


def _memory(stack: Stack) -> Figure:
    time.sleep(5)
    everything = [psutil.Process(stack.process.pid), *psutil.Process(stack.process.pid).children(recursive=True)]
    total = sum(process.memory_full_info().pss for process in everything) / MEGABYTE
    found = stack.processes()
    services = sum(
        process.memory_full_info().pss
        for root in (*found["postgres"][:1], *found["valkey"])
        for process in (root, *root.children(recursive=True))
    )
    return Figure(
        AREA, "memory_at_rest", "MB", [total], "PostgreSQL and Valkey alone", [services / MEGABYTE], target=450.0
    )


def _submit_to_scored(stack: Stack) -> Figure:
    reference = load(library()["webhook-redeliveries"])
    runs, references = [], []
    for number in range(10):
        candidate = stack.candidate(email=f"bench-{number}@example.com")
        for path, text in reference.reference_files.items():
            candidate.write(path, text)
        began = time.perf_counter()
        assert candidate.submit().status == 200
        wait_until(lambda c=candidate: _state(stack, c) == "scored", 60, every=0.005)
        runs.append(time.perf_counter() - began)
        references.append(_bare_pytest(reference.reference_files, reference.starter_files, reference.hidden_tests))
    return Figure(AREA, "submit_to_scored", "s", runs, "bare pytest, same tests", references, 0.6)


def _state(stack: Stack, candidate: Candidate) -> str | None:
    state: str | None = stack.call("GET", f"/assessments/{candidate.assessment['id']}").json["scoring_state"]
    return state


def _bare_pytest(reference: dict[str, str], starter: dict[str, str], tests: dict[str, str]) -> float:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, text in {**starter, **reference, **{f"tests/{path}": text for path, text in tests.items()}}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        environment = {**os.environ, "PYTHONPATH": name, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
            cwd=folder, env=environment, check=True, capture_output=True,
        )  # fmt: skip
        return time.perf_counter() - began


def _first_chunk(stack: Stack) -> Figure:
    """From sending a prompt to the first words of the reply, beside a request that does nothing."""
    candidate = stack.candidate(email="bench-chat@example.com")
    runs, references = [], []
    for number in range(20):
        began = time.perf_counter()
        stack.client.open("/health/live", method="GET", headers={})
        references.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        turn = candidate.ask(f"How do I find the duplicates? ({number})").json["turn"]
        while not candidate.call("GET", f"/turns/{turn['id']}?after=0&wait=5").json["chunks"]:
            pass
        runs.append((time.perf_counter() - began) * 1000)
        wait_until(
            lambda t=turn: candidate.call("GET", f"/turns/{t['id']}?after=0&wait=0").json["turn"]["state"] == "done", 30
        )
    return Figure(AREA, "first_chunk", "ms", runs, "a request that does nothing", references, target=60.0)
