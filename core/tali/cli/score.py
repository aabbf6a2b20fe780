"""`tali score`: what an operator can measure about judged values that no test here can."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from tali.application import create_resources
from tali.cli import echo_json
from tali.kernel.settings import Settings
from tali.plugins import ProviderUnknown
from tali.scoring import stability, trust


@click.group()
def score() -> None:
    """Measure how far judged values can be trusted."""


@score.command()
@click.argument("ratings", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def agreement(ratings: Path | None, as_json: bool) -> None:
    """Compare people's RATINGS with each other and with the signals: weighted kappa and ICC.

    RATINGS is a CSV file with the columns assessment_id, rater, signal, value (0 to 10), and perhaps blind (true or
    false; false where it says nothing); without it, the ratings that people gave in TALI. Ratings by people who had
    seen what the evaluators said (not blind) are reported apart.
    """
    resources = create_resources(Settings.from_environment(), application="tali-cli", pool_size=1, owner=True)
    try:
        with resources.database.owner() as session:
            if ratings is None:
                rated = trust.stored_ratings(session)
            else:
                with ratings.open(encoding="utf-8-sig", newline="") as file:
                    rated = trust.read_ratings(file)
            values = trust.judged_values(session, list({one.assessment_id for one in rated}))
    except (trust.RatingsInvalid, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from None
    finally:
        resources.close()
    rows = trust.agreement(rated, values)
    if as_json:
        echo_json(rows)
        return
    if not rows:
        click.echo("Nobody has rated anything yet. People rate judged signals on an assessment's page.")
        return
    headings = (
        "signal",
        "blind",
        "rated",
        "people κw",
        "people ICC",
        "compared",
        "signal κw",
        "signal ICC",
        "95 %",
        "signal −",
    )
    lines = [
        (
            row["signal"],
            "yes" if row["blind"] else "no",
            row["rated"],
            _number(row["people_kappa"]),
            _number(row["people_icc"]),
            row["compared"],
            _number(row["signal_kappa"]),
            _number(row["signal_icc"]),
            _range(row["signal_icc_interval"]),
            _number(row["mean_difference"]),
        )
        for row in rows
    ]
    _table(headings, lines)
    click.echo(
        "\nκw: Cohen's kappa, quadratic weights. ICC: people among themselves (1,1), the signal and the people's mean "
        "(2,1).\n'signal −': how much higher the signal is than people on average.\n"
        "Blind: the raters had not seen the signals; who had may have followed them."
    )


@score.command("judge-stability")
@click.argument("assessment_ids", type=click.UUID, nargs=-1, required=True)
@click.option("--runs", type=click.IntRange(2, 50), default=5, show_default=True, help="How often each is judged.")
@click.option("--judge", "name", help="Which judge; needed where there are several.")
@click.option("--yes", is_flag=True, help="Do not ask before spending.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def judge_stability(assessment_ids: Sequence[UUID], runs: int, name: str | None, yes: bool, as_json: bool) -> None:
    """Judge these assessments again and again with the live model, and report the spread per signal.

    Scores stay as they are. Each judging is a paid request, and counts as spent by the assessment's organisation.
    """
    resources = create_resources(Settings.from_environment(), application="tali-cli", pool_size=2, owner=True)
    requests = len(assessment_ids) * runs
    if not yes:
        click.confirm(f"This makes {requests} paid requests. Go on?", abort=True, err=True)
    try:
        measured = stability.measure(resources, list(assessment_ids), runs, name, _dot)
    except (stability.NothingToJudge, ProviderUnknown) as error:
        raise click.ClickException(str(error)) from None
    finally:
        resources.close()
    click.echo(err=True)
    rows = trust.spread(measured.values)
    failures = _failures(measured)
    if failures:
        click.echo(failures, err=True)
    if not rows:
        raise click.ClickException("No request was answered, so that there is nothing to compare.")
    if as_json:
        echo_json(
            {
                "requests": measured.requests,
                "failed": [{"reason": why, "requests": many} for why, many in measured.failed.most_common()],
                "cost_usd": measured.cost / 1_000_000,
                "signals": rows,
            }
        )
        return
    headings = ("signal", "sessions", "answers", "null", "SD", "widest", "ICC")
    lines = [
        (
            row["signal"],
            row["sessions"],
            row["answers"],
            f"{row['null_share']:.0%}",
            _number(row["sd"]),
            _number(row["widest"]),
            _number(row["icc"]),
        )
        for row in rows
    ]
    _table(headings, lines)
    click.echo(
        f"\n{measured.requests} requests, about {measured.cost / 1_000_000:.2f} US dollars. SD: within a session. "
        "ICC(1,1): the share of the spread that lies between sessions."
    )


def _failures(measured: stability.Measured) -> str:
    """`3 of 50 requests failed: overloaded (2); the answer is not JSON (1).`; empty where none did."""
    if not measured.failed:
        return ""
    reasons = "; ".join(f"{why.rstrip('.')} ({many})" for why, many in measured.failed.most_common())
    return f"{measured.failed.total()} of {measured.requests} requests failed: {reasons}."


def _dot() -> None:
    """A minute may pass between two; whoever waits sees that something happens."""
    click.echo(".", nl=False, err=True)


def _number(value: float | None) -> str:
    return "--" if value is None else f"{value:.2f}"


def _range(found: tuple[float, float] | None) -> str:
    return "--" if found is None else f"{found[0]:.2f} to {found[1]:.2f}"


def _table(headings: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
    rows = [headings, *([str(cell) for cell in line] for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(headings))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
