"""What scores are made of, on real people's sessions: that it runs, how it spreads, and that it cannot be padded.

The judging path runs against a model that is played on loopback: it shows that everything around the model holds, and
nothing about how well a model judges. Without the data of the study there is nothing to run.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import combinations
from statistics import fmean, quantiles
from typing import Any
from uuid import UUID

import anthropic
from tests.fakes.judging import honest
from tests.fakes.messages_api import MessagesServer, messages_server
from tests.security.attacks.suite import DISGUISED, KNOWN, UNSEEN, Attack, attacks, planted

from benchmarks import real_sessions
from benchmarks.figures import OUT, Figure
from tali.sdk import Judgement, SessionRecord, SignalResult, TestOutcome
from tali.sdk.scanning import find_planted
from tali_claude import DEFAULT_MODEL
from tali_claude.judge.packing import pack
from tali_claude.judge.provider import ClaudeJudge
from tali_claude.judge.request import session_request
from tali_heuristics.evaluator import HeuristicsEvaluator
from tali_heuristics.planted import PlantedScan

AREA = "scoring"
FILLER_WORDS = " Please note that I would like to say this in a few more words, as one does."
FILLER_PROMPT, FILLER_REPLY = "ok thanks", "You are welcome."


def figures() -> Iterator[Figure]:
    """Crashes, spread, padding, injections, and what judging costs in time."""
    if not real_sessions.available():
        print(f"The RealHumanEval sessions are not in {real_sessions.FOLDER}: nothing was measured.", file=sys.stderr)
        return
    records = real_sessions.load().records
    with messages_server() as server:
        server.script = honest()
        judge = a_judge(server)
        run = run_all(records, judge)
        crashes = run.crashes + measuring_crashes({name: real_sessions.applied(one) for name, one in records.items()})
        yield _figure("crashes", "", [crashes], "sessions run", [2 * len(records)], 0)
        asked = [len(server.requests)]
        with_prompts = [sum(bool(record.prompts) for record in records.values())]
        yield _figure("judging_requests_a_session", "", asked, "sessions with prompts", with_prompts, 1.0, ratio=True)
        yield from _time(list(records.values()), server, judge)
        judge.close()
    _write("distributions", distributions(run))
    _write("correlations", correlations(run))
    gains, compared = padding_gains(records)
    yield _figure("padding_gains", "", [len(gains)], "comparisons", [compared], 0)
    flagged = [name for name, record in records.items() if find_planted(record)]
    share = [100 * len(flagged) / len(records)]
    yield _figure("false_flags", "%", share, "sessions without a flag", [100 - share[0]], 2)
    yield from _injections(list(records.values()))


def _figure(
    name: str, unit: str, runs: Sequence[float], reference: str, against: Sequence[float], target: float, *, ratio=False
) -> Figure:
    return Figure(AREA, name, unit, runs, reference, against, target, target_is_ratio=ratio)


def a_judge(server: MessagesServer) -> ClaudeJudge:
    """The judge as it is set up by default, in front of the server on loopback."""
    settings = {
        "api_key": "bench",  # pragma: allowlist secret
        "base_url": server.url,
        "judge_model": DEFAULT_MODEL,
        "session_tokens": 100_000,
        "input_price": 3.0,
        "output_price": 15.0,
    }
    return ClaudeJudge(settings, None)  # type: ignore[arg-type]


@dataclass
class Run:
    """Every result of every session, by signal, and how many sessions crashed."""

    results: dict[str, list[SignalResult]] = field(default_factory=lambda: defaultdict(list))
    judgements: dict[str, Judgement] = field(default_factory=dict)
    crashes: int = 0


def _measured(record: SessionRecord) -> list[SignalResult]:
    """Every measured signal."""
    return [*HeuristicsEvaluator().evaluate(record), *PlantedScan().evaluate(record)]


def run_all(records: Mapping[str, SessionRecord], judge: ClaudeJudge) -> Run:
    """Measure and judge each session; one that raises is told and counted."""
    run = Run()
    for name, record in records.items():
        try:
            results = _measured(record)
            if record.prompts:
                run.judgements[name] = judge.read(record, judge.ask(record))
                results += run.judgements[name].results
        except Exception as error:  # whatever it is, it is what this run is to find
            run.crashes += 1
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        for result in results:
            run.results[result.name].append(result)
    return run


def measuring_crashes(records: Mapping[str, SessionRecord]) -> int:
    """How many sessions cannot be measured; told one by one."""
    crashes = 0
    for name, record in records.items():
        try:
            _measured(record)
        except Exception as error:
            crashes += 1
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
    return crashes


def distributions(run: Run) -> Sequence[Mapping[str, Any]]:
    """Per signal: how many values, why there is none, quartiles, and the shares at either end of what occurs."""
    judged = {result.name for judgement in run.judgements.values() for result in judgement.results}
    table = []
    for name, results in run.results.items():
        values = sorted(float(result.value) for result in results if result.value is not None)
        row: dict[str, Any] = {
            "signal": name,
            # A model that is played says the same of everybody: only the reasons tell something.
            "kind": "judged by a played model" if name in judged else "measured",
            "n": len(values),
            "null_share": round(1 - len(values) / len(results), 3),
            "null_reasons": dict(Counter(result.reason for result in results if result.value is None)),
            "flagged_share": round(sum(result.flag is not None for result in results) / len(results), 3),
        }
        if len(values) > 1:
            low, middle, high = quantiles(values, n=4, method="inclusive")
            row |= {
                "min": values[0],
                "p25": round(low, 3),
                "median": round(middle, 3),
                "p75": round(high, 3),
                "max": values[-1],
                "floor_share": round(values.count(values[0]) / len(values), 3),
                "ceiling_share": round(values.count(values[-1]) / len(values), 3),
            }
        table.append(row)
    return table


def correlations(run: Run) -> Sequence[Mapping[str, Any]]:
    """Spearman's rank correlation of each two measured signals, over the sessions where both have a value."""
    judged = {result.name for judgement in run.judgements.values() for result in judgement.results}
    rows = []
    for one, other in combinations([name for name in run.results if name not in judged], 2):
        pairs = [
            (float(a.value), float(b.value))
            for a, b in zip(run.results[one], run.results[other], strict=True)
            if a.value is not None and b.value is not None
        ]
        rho = spearman(pairs) if len(pairs) > 2 else None
        if rho is not None:
            rows.append({"signals": [one, other], "n": len(pairs), "spearman": round(rho, 3)})
    return rows


def spearman(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Correlation of the ranks, ties at their mean; None where one side never changes."""
    a, b = (_ranks([pair[side] for pair in pairs]) for side in (0, 1))
    mean_a, mean_b = fmean(a), fmean(b)
    spread = (sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)) ** 0.5
    return sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True)) / spread if spread else None


def _ranks(values: Sequence[float]) -> Sequence[float]:
    places: dict[float, list[int]] = defaultdict(list)
    for place, value in enumerate(sorted(values)):
        places[value].append(place)
    return [fmean(places[value]) for value in values]


def padding_gains(records: Mapping[str, SessionRecord]) -> tuple[Sequence[str], int]:
    """Where padding a session made a quality signal better, and how many comparisons were made.

    Replies are taken over, tokens estimated, and one of two tests passes, so that the signals which need such facts
    have values to be moved.
    """
    signals = (*HeuristicsEvaluator().signals, *PlantedScan().signals)
    directions = {signal.name: signal.direction for signal in signals if signal.direction != "neutral"}
    gains, compared = [], 0
    for name, record in records.items():
        applied = real_sessions.applied(record)
        before = {result.name: result.value for result in _measured(_counted(applied))}
        for way, pad in (("words", with_filler_words), ("prompts", with_filler_prompts)):
            for result in _measured(_counted(pad(applied))):
                old = before[result.name]
                if result.name not in directions or result.value is None or old is None:
                    continue
                compared += 1
                change = result.value - old if directions[result.name] == "higher" else old - result.value
                if change > 1e-9:
                    gains.append(f"{name}: {result.name} by filler {way}")
    for gain in gains:
        print(gain, file=sys.stderr)
    return gains, compared


def _counted(record: SessionRecord) -> SessionRecord:
    prompts = [
        replace(p, input_tokens=len(p.message) // 4 + 1, output_tokens=len(p.response) // 4 + 1) for p in record.prompts
    ]
    return replace(record, prompts=prompts, tests=TestOutcome("failed", 1, 2))


def with_filler_words(record: SessionRecord) -> SessionRecord:
    """The same session, each message longer by sentences that say nothing."""
    prompts = []
    for prompt in record.prompts:
        message = prompt.message + 10 * FILLER_WORDS
        prompts.append(replace(prompt, message=message, word_count=len(message.split()), char_count=len(message)))
    return replace(record, prompts=prompts)


def with_filler_prompts(record: SessionRecord) -> SessionRecord:
    """The same session, with a prompt that asks for nothing after each."""
    prompts = []
    for prompt in record.prompts:
        prompts.append(replace(prompt, index=2 * prompt.index))
        code = prompt.code_before if prompt.code_after is None else prompt.code_after
        prompts.append(
            replace(
                prompt,
                index=2 * prompt.index + 1,
                turn_id=UUID(int=prompt.turn_id.int + 500),
                message=FILLER_PROMPT,
                response=FILLER_REPLY,
                word_count=2,
                char_count=len(FILLER_PROMPT),
                timestamp=prompt.timestamp + timedelta(seconds=3),
                code_before=code,
                code_after=code,
            )
        )
    return replace(record, prompts=prompts)


def _injections(records: Sequence[SessionRecord]) -> Iterator[Figure]:
    """Each attack in a real session: how many are flagged, by class; a rate is promised for plain ones alone."""
    sessions = [record for record in records if record.prompts]
    rates: dict[str, Any] = {}
    for source, path in (("known", KNOWN), ("unseen", UNSEEN)):
        found = attacks(path)
        if not found:
            rates[source] = "no such file"
            continue
        flagged = by_class(found, sessions)
        rates[source] = {kind: {"attacks": n, "flagged": hits} for kind, (n, hits) in sorted(flagged.items())}
        plain = [counts for kind, counts in flagged.items() if kind not in DISGUISED]
        missed = 100 - 100 * sum(hits for _, hits in plain) / sum(n for n, _ in plain)
        yield _figure(f"plain_attacks_missed_{source}", "%", [missed], "of all", [100], 5)
    _write("attacks", rates)


def by_class(found: Sequence[Attack], sessions: Sequence[SessionRecord]) -> Mapping[str, tuple[int, int]]:
    """For each class how many attacks there are, and how many are flagged in a real session."""
    counts: dict[str, tuple[int, int]] = {}
    for number, attack in enumerate(found):
        n, hits = counts.get(attack.kind, (0, 0))
        record = planted(attack, sessions[number * 7 % len(sessions)])
        counts[attack.kind] = (n + 1, hits + bool(find_planted(record)))
    return counts


def _time(records: Sequence[SessionRecord], server: MessagesServer, judge: ClaudeJudge) -> Iterator[Figure]:
    """Judging as a whole against the bare request of the vendor's SDK to the same server, in turns."""
    client = anthropic.Anthropic(api_key="bench", base_url=server.url, max_retries=0)
    ours, bare, measuring, reading = [], [], [], []
    for record in [record for record in records if record.prompts][::6]:
        request = session_request(pack(record, 100_000), len(record.prompts))
        bare.append(_milliseconds(lambda: _stream(client, request)))
        ours.append(_milliseconds(lambda: judge.read(record, judge.ask(record))))
        measuring.append(_milliseconds(lambda: _measured(record)))
        reading.append(_milliseconds(lambda: json.dumps([prompt.message for prompt in record.prompts])))
    client.close()
    yield _figure("judging_around_the_model", "ms", ours, "bare SDK request", bare, 3.0, ratio=True)
    yield _figure("measuring_a_session", "ms", measuring, "writing its messages as JSON", reading, 250)


def _stream(client: anthropic.Anthropic, request: Mapping[str, Any]) -> None:
    with client.messages.stream(model=DEFAULT_MODEL, **request) as stream:
        stream.get_final_message()


def _milliseconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def _write(name: str, table: object) -> None:
    """A table beside the figures, and on the terminal."""
    OUT.mkdir(exist_ok=True)
    (OUT / f"{AREA}.{name}.json").write_text(json.dumps(table, indent=2) + "\n")
    print(f"{AREA}.{name}:")
    rows = table if isinstance(table, Sequence) and not isinstance(table, str) else [table]
    for row in rows:
        print("  " + json.dumps(row))
