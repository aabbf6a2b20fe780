"""Validating a task: every variant holds, and all of them are the same exercise to their tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tali.grading import validation as grading
from tali.grading.validation import TIMES, Validation, ValidationRun
from tali.sdk import SandboxProvider
from tali.tasks.content import ORIGINAL, TaskContent


def steps(content: TaskContent, times: int = TIMES) -> int:
    """How many runs it takes when all goes well."""
    return len(content.variant_names) * grading.steps(content, times)


def validate(
    provider: SandboxProvider,
    content: TaskContent,
    times: int = TIMES,
    watch: Callable[[str, ValidationRun], None] = lambda variant, run: None,
) -> Validation:
    """Run every variant's reference, starter and visible tests; the first variant that does not hold ends it.

    There are at most ten variants, so that none is left to chance. `watch` is told of each run, with its variant.

    Raises:
        Rejected: no toolchain for its languages.
        SandboxUnavailable, SandboxGone, Transient: from the provider.
    """
    tests: list[str] = []
    slowest = 0
    for name, variant in content.each_variant():
        found = grading.validate(provider, variant, times, lambda run, name=name: watch(name, run))  # type: ignore[misc]
        slowest = max(slowest, found.slowest_ms)
        tests = tests or list(found.tests)
        if problems := problems_of(name, found, tests):
            return Validation(tests, problems, slowest)
    return Validation(tests, [], slowest)


def problems_of(variant: str, found: Validation, tests: Sequence[str]) -> list[str]:
    """What keeps a variant from being published, beside `tests`, which the task has as it is written."""
    problems = list(found.problems)
    if not problems and list(found.tests) != list(tests):
        problems.append("Its hidden tests have other names than those of the task as it is written.")
    label = "" if variant == ORIGINAL else f"Variant {variant}: "
    return [f"{label}{problem}" for problem in problems]
