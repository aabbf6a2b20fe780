"""The contract of judges can fail: for each rule one judge that breaks it, and nothing else of its contract."""

from __future__ import annotations

import pytest
from tests.plugins.test_bad_plugins import broken_rules

from tali.sdk.testing import JudgeContract

pytest_plugins = ["pytester"]

JUDGE = """
import dataclasses, pytest
from tali.sdk import Evidence, Flag, JudgedPrompt, Judgement, ModelAnswer, Rejected, Signal, SignalResult, Usage
from tali.sdk.testing import JudgeContract

ANCHORS = ((2, "Bad."), (5, "Fair."), (8, "Good."))
SIGNAL = Signal("tone", "Tone", "judged", "How friendly the messages are, as seen.", range=(0, 10), anchors=ANCHORS)

class Judge:
    signals = (SIGNAL,)
    components = ()
    versions = {"model": "m"}
    reads = 0
    def kept(self, texts, said): return 0 <= said["prompt"] < len(texts) and said["quote"] in texts[said["prompt"]]
    def result(self, name, texts, turns, content):
        held = [one for one in content["quotes"] if self.kept(texts, one)]
        if not 0 <= content["value"] <= 10: return self.null(name, "out_of_scale")
        if not held: return self.null(name, "no_evidence")
        evidence = [Evidence("prompt", prompt_index=one["prompt"], quote=one["quote"]) for one in held]
        return SignalResult(name, content["value"], evidence=evidence, detail=self.detail(content))
    def null(self, name, reason): return SignalResult(name, None, reason)
    def detail(self, content): return {}
    def dropped(self, texts, content):
        wrong = sum(not self.kept(texts, one) for one in content["quotes"])
        return {"quote_not_found": wrong, "out_of_scale": int(not 0 <= content["value"] <= 10)}
    def prompts(self, record, content): return [JudgedPrompt(0, {"tone": 5})]
    def read(self, record, answer):
        if "raw" in answer.content: raise Rejected("The answer was no JSON at all.")
        texts = [prompt.message for prompt in record.prompts]
        result = self.result("tone", texts, record.prompts, answer.content)
        return Judgement([result], self.prompts(record, answer.content), self.dropped(texts, answer.content))
    def read_calibration(self, record, answer):
        texts = [exchange.message for exchange in record.exchanges]
        return self.result("calibration_score", texts, (), answer.content)

{change}

def said(value, *quotes): return ModelAnswer({"value": value, "quotes": list(quotes)}, "m", Usage())
def of_texts(texts):
    real = [{"prompt": n, "quote": text[:80]} for n, text in enumerate(texts) if text]
    return {
        "good": said(6, *real),
        "invented_quotes": said(10, {"prompt": 0, "quote": "I am the best"}),
        "unknown_prompts": said(10, *({**one, "prompt": 900} for one in real)),
        "out_of_scale": said(11, *real),
    }

class TestJudge(JudgeContract):
    @pytest.fixture
    def provider(self): return {name}()
    @pytest.fixture
    def answers(self):
        broken = ModelAnswer({"raw": "{"}, "m", Usage())
        return lambda record: {**of_texts([prompt.message for prompt in record.prompts]), "broken": broken}
    @pytest.fixture
    def calibration_answers(self):
        return lambda record: of_texts([exchange.message for exchange in record.exchanges])
"""
BELIEVING = (
    "    def kept(self, texts, said): return True\n    def dropped(self, texts, content): return {'quote_not_found': 1}"
)
BAD_JUDGES = {
    "a scale that nobody can read": (
        "    signals = (dataclasses.replace(SIGNAL, anchors=()),)",
        "test_signals_are_judged_and_their_scale_is_described",
    ),
    "a judged signal that says that it is measured": (
        "    signals = (dataclasses.replace(SIGNAL, kind='measured'),)",
        "test_signals_are_judged_and_their_scale_is_described",
    ),
    "values of nobody knows which model": (
        "    versions = {'rubric': '1'}",
        "test_versions_name_everything_that_values_depend_on",
    ),
    "a result that nobody declared": (
        "    def result(self, name, *rest): return super().result('other', *rest)",
        "test_each_signal_gets_exactly_one_result",
    ),
    "whatever value the model says": (
        "    def result(self, name, texts, turns, content):\n"
        "        evidence = [Evidence('prompt', prompt_index=0, quote=texts[0])]\n"
        "        return SignalResult(name, content['value'], evidence=evidence)",
        "test_values_are_on_their_scale_or_null_with_a_reason",
    ),
    "null without a reason": (
        "    def null(self, name, reason): return SignalResult(name, None)",
        "test_values_are_on_their_scale_or_null_with_a_reason",
    ),
    "a value that rests on nothing": (
        "    def null(self, name, reason): return SignalResult(name, 10)",
        "test_a_value_has_evidence_that_holds_or_is_null",
    ),
    "whatever quote the model says": (BELIEVING, "test_evidence_points_at_what_is_there"),
    "nothing counted": (
        "    def dropped(self, texts, content): return {}",
        "test_what_does_not_hold_is_dropped_and_counted",
    ),
    "nothing believed": (
        "    def kept(self, texts, said): return False",
        "test_a_good_answer_is_believed",
    ),
    "another reading each time": (
        "    def read(self, record, answer):\n        self.reads += 1\n"
        "        judgement = super().read(record, answer)\n"
        "        return dataclasses.replace(judgement, left_out=(str(self.reads),))",
        "test_reading_twice_gives_the_same_and_changes_nothing",
    ),
    "an answer that is changed by reading": (
        "    def read(self, record, answer):\n        judgement = super().read(record, answer)\n"
        "        answer.content['read'] = True\n        return judgement",
        "test_reading_twice_gives_the_same_and_changes_nothing",
    ),
    "a judgement out of a broken answer": (
        "    def read(self, record, answer):\n"
        "        if 'raw' in answer.content: return Judgement([self.null('tone', 'broken')])\n"
        "        return super().read(record, answer)",
        "test_an_answer_that_is_none_is_rejected_in_words",
    ),
    "a breakdown of prompts that are not there": (
        "    def prompts(self, record, content):\n"
        "        return [JudgedPrompt(one['prompt'], {}) for one in content['quotes']]",
        "test_the_breakdown_speaks_of_prompts_that_are_there",
    ),
    "a detail without end": (
        "    def detail(self, content): return {'why': 'x' * 70_000}",
        "test_detail_is_small_json_and_flags_speak",
    ),
    "a calibration that believes": (
        "    def read_calibration(self, record, answer):\n"
        "        evidence = [Evidence('prompt', prompt_index=0, quote=record.exchanges[0].message)]\n"
        "        return SignalResult('calibration_score', min(answer.content['value'], 10), evidence=evidence)",
        "test_a_calibration_is_read_by_the_same_rules",
    ),
}


def judge(change: str = "    pass") -> str:
    return JUDGE.replace("{change}", f"class Bad(Judge):\n{change}").replace("{name}", "Bad")


@pytest.fixture(autouse=True)
def only_our_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading every plugin that is installed here would take longer than the tests."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_the_judge_that_the_bad_ones_are_made_from_is_good(pytester: pytest.Pytester) -> None:
    assert broken_rules(pytester, judge()) == set()


@pytest.mark.parametrize("fault", BAD_JUDGES)
def test_a_bad_judge_fails_its_contract(pytester: pytest.Pytester, fault: str) -> None:
    change, rule = BAD_JUDGES[fault]
    assert rule in broken_rules(pytester, judge(change), rule)


def test_every_rule_for_judges_is_broken_by_somebody() -> None:
    rules = {name for name in vars(JudgeContract) if name.startswith("test_")}
    assert rules == {rule for _, rule in BAD_JUDGES.values()}
