"""The contracts can fail: for each main rule one plugin that breaks it, and nothing else of its contract."""

from __future__ import annotations

import pytest

from tali.sdk.testing import SandboxContract

pytest_plugins = ["pytester"]

EVALUATOR = """
import dataclasses, pytest
from tali.sdk import Component, Evidence, Flag, Signal, SignalResult
from tali.sdk.testing import SignalEvaluatorContract

SIGNAL = Signal("words", "Words", "measured", "How many words there are; not whether they are good.", range=(0, 10_000))

class Evaluator:
    signals = [SIGNAL]
    components = ()
    def evaluate(self, record):
        return [SignalResult("words", sum(prompt.word_count for prompt in record.prompts))]

{change}

class TestEvaluator(SignalEvaluatorContract):
    @pytest.fixture
    def provider(self):
        return {name}()
"""

BAD_EVALUATORS = {
    "a signal without a word of help": (
        "    signals = [dataclasses.replace(SIGNAL, help='')]",
        "test_signals_are_declared_for_people_and_programs",
    ),
    "a component on another scale": (
        "    signals = [dataclasses.replace(SIGNAL, component='mine')]",
        "test_a_signal_that_feeds_a_component_runs_from_0_to_10",
    ),
    "a result that nobody declared": (
        "    def evaluate(self, record): return [SignalResult('other', 1)]",
        "test_each_signal_gets_exactly_one_result",
    ),
    "a crash on a session without prompts": (
        "    def evaluate(self, record): return [SignalResult('words', record.prompts[0].word_count)]",
        "test_each_signal_gets_exactly_one_result",
    ),
    "a value out of its range": (
        "    def evaluate(self, record): return [SignalResult('words', -1)]",
        "test_values_are_numbers_in_their_range_or_null_with_a_reason",
    ),
    "a value that is not a number": (
        "    def evaluate(self, record): return [SignalResult('words', float('nan'))]",
        "test_values_are_numbers_in_their_range_or_null_with_a_reason",
    ),
    "null without a reason": (
        "    def evaluate(self, record): return [SignalResult('words', None)]",
        "test_values_are_numbers_in_their_range_or_null_with_a_reason",
    ),
    "evidence from nowhere": (
        "    def evaluate(self, record):\n"
        "        return [SignalResult('words', 1, evidence=[Evidence('prompt', prompt_index=99)])]",
        "test_evidence_points_at_what_is_there",
    ),
    "a quote that nobody wrote": (
        "    def evaluate(self, record):\n"
        "        quotes = [Evidence('prompt', prompt_index=p.index, quote='I am the best') for p in record.prompts]\n"
        "        return [SignalResult('words', 1, evidence=quotes)]",
        "test_evidence_points_at_what_is_there",
    ),
    "a detail that is no JSON": (
        "    def evaluate(self, record): return [SignalResult('words', 1, detail={'at': record.started_at})]",
        "test_detail_is_small_json",
    ),
    "a detail without end": (
        "    def evaluate(self, record): return [SignalResult('words', 1, detail={'text': 'x' * 70_000})]",
        "test_detail_is_small_json",
    ),
    "a flag without a word": (
        "    def evaluate(self, record): return [SignalResult('words', 1, flag=Flag('odd', ''))]",
        "test_flags_say_what_they_ask_people_to_look_at",
    ),
    "another value each time": (
        "    calls = 0\n    def evaluate(self, record):\n        self.calls += 1\n"
        "        return [SignalResult('words', self.calls)]",
        "test_measuring_twice_gives_the_same",
    ),
}

ASSISTANT = """
import pytest
from tali.sdk import Done, EditProposal, Text, Usage
from tali.sdk.testing import AssistantContract

class Assistant:
    def reply(self, conversation):
        yield Text("Hello")
        yield Done(Usage())

{change}

class TestAssistant(AssistantContract):
    @pytest.fixture
    def provider(self):
        return {name}()
"""

BAD_ASSISTANTS = {
    "a reply without an end": (
        "    def reply(self, conversation): yield Text('Hello')",
        "test_a_reply_says_something_and_ends_in_done",
    ),
    "words after the end": (
        "    def reply(self, conversation):\n        yield from super().reply(conversation)\n        yield Text('PS')",
        "test_a_reply_says_something_and_ends_in_done",
    ),
    "an empty reply": (
        "    def reply(self, conversation): yield Done(Usage())",
        "test_a_reply_says_something_and_ends_in_done",
    ),
    "a bare string": (
        "    def reply(self, conversation):\n        yield 'Hello'\n        yield Done(Usage())",
        "test_a_reply_says_something_and_ends_in_done",
    ),
    "a help level it does not know": (
        "    def reply(self, conversation):\n        if conversation.help_level == 'guided': raise KeyError('guided')\n"
        "        yield from super().reply(conversation)",
        "test_every_help_level_is_answered",
    ),
    "a change to text that is not there": (
        "    def reply(self, conversation):\n        yield EditProposal('shop.py', 'nonsense', '')\n"
        "        yield Done(Usage())",
        "test_proposals_fit_the_files",
    ),
    "tokens below zero": (
        "    def reply(self, conversation):\n        yield Text('Hello')\n        yield Done(Usage(-1, 2))",
        "test_usage_is_counted_or_none",
    ),
    "a reply that nobody can stop": (
        "    def reply(self, conversation): return iter([Text('Hello'), Done(Usage())])",
        "test_stopping_early_is_harmless",
    ),
}

SANDBOX = '''
import os, pathlib, queue, shutil, signal, subprocess, sys, tempfile, threading, time, uuid
from dataclasses import replace
import pytest
from tali.sdk import Execution, Output, Rejected, SandboxGone
from tali.sdk.testing import SandboxContract

class Sandbox:
    """Runs code on the host, unwalled, and keeps every other rule."""
    def __init__(self, provider):
        self.sandbox_id, self.folder, self.provider = uuid.uuid4().hex, pathlib.Path(tempfile.mkdtemp()), provider
        self.cancelled, self.running = threading.Event(), False
    def check_path(self, name):
        if not name or name.startswith("/") or ".." in name.split("/"): raise Rejected(name)
    def write(self, files):
        for name, text in files.items():
            self.check_path(name)
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)
    def read(self, paths, max_bytes=1 << 20):
        return {path: (self.folder / path).read_text() for path in paths if (self.folder / path).is_file()}
    def environment(self, command): return {**os.environ, **command.environment}
    def stopped(self, reason): return Execution(None, 1, reason, "It was stopped.")
    def run(self, command, limits):
        argv = [sys.executable if word == "python" else word for word in command.argv]
        self.cancelled.clear()
        process = subprocess.Popen(argv, cwd=self.folder, env=self.environment(command), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        pieces, pipes = queue.Queue(1 << 16), {"stdout": process.stdout, "stderr": process.stderr}
        def pump(name, pipe):
            while data := os.read(pipe.fileno(), 4096): pieces.put((name, data.decode()))
            pieces.put((name, None))
        threads = [threading.Thread(target=pump, args=each, daemon=True) for each in pipes.items()]
        for thread in threads: thread.start()
        process.stdin.write((command.stdin or "").encode()); process.stdin.close()
        until, size, open_pipes = time.monotonic() + limits.wall_seconds, 0, 2
        try:
            while open_pipes:
                if self.cancelled.is_set(): yield self.stopped("cancelled"); return
                if time.monotonic() > until: yield self.stopped("timeout"); return
                try: name, text = pieces.get(timeout=0.05)
                except queue.Empty: continue
                if text is None: open_pipes -= 1; continue
                kept = text[: max(limits.output_bytes - size, 0)]
                size += len(text)
                if kept: yield Output(name, kept)
                if size > limits.output_bytes:
                    yield Execution(None, 1, "output", "Too much output.", truncated=True); return
            yield Execution(process.wait(), 1)
        finally:
            try: os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError: pass
            process.wait()
            for thread in threads: thread.join(5)
            for pipe in pipes.values(): pipe.close()
    def cancel(self): self.cancelled.set()
    def close(self): self.provider.known.pop(self.sandbox_id, None)

class Provider:
    sandbox = Sandbox
    def __init__(self): self.known = {}
    def check(self): pass
    def prepare(self, progress): pass
    def missing(self, languages):
        unknown = [one for one in languages if one != "python"]
        return f"There is no {', '.join(unknown)} here." if unknown else None
    def open(self, request):
        sandbox = self.sandbox(self)
        return self.known.setdefault(sandbox.sandbox_id, sandbox)
    def resume(self, sandbox_id):
        try: return self.known[sandbox_id]
        except KeyError: raise SandboxGone("gone") from None

{change}

class TestSandbox(SandboxContract):
    @pytest.fixture
    def provider(self): return {name}()
'''
NOTIFIER = """
import pytest
from tali.sdk import Receipt, Rejected, Transient
from tali.sdk.testing import Arrived, NotifierContract

class Notifier:
    def __init__(self, far_end=None): self.far_end = far_end
    def check(self, message):
        headers = {"Subject": message.subject, "To": message.to.name, **message.headers}
        if message.reply_to: headers["Reply-To"] = f"{message.reply_to.name} <{message.reply_to.email}>"
        for text in (message.to.email, *headers, *headers.values()):
            if any(ord(character) < 32 for character in text): raise Rejected("a line break")
        local, _, domain = message.to.email.rpartition("@")
        if not local or not domain or "," in message.to.email: raise Rejected("no address")
        return headers
    def name(self, message): return f"at-provider-{message.idempotency_key}"
    def deliver(self, message, headers):
        lowered = {name.lower(): value for name, value in headers.items()}
        self.far_end.append(Arrived([message.to.email], lowered, message.text, message.html))
    def send(self, message):
        headers = self.check(message)
        if self.far_end is None: raise Transient("nobody answers")
        self.deliver(message, headers)
        return Receipt(self.name(message))

{change}

class TestNotifier(NotifierContract):
    @pytest.fixture
    def far_end(self): return []
    @pytest.fixture
    def arrived(self, far_end): return lambda: list(far_end)
    @pytest.fixture
    def provider(self, far_end): return {name}(far_end)
    @pytest.fixture
    def unreachable_provider(self): return {name}()
"""

BAD_NOTIFIERS = {
    "a text that is changed on the way": (
        "    def deliver(self, message, headers):\n"
        "        self.far_end.append(Arrived([message.to.email], {'subject': ''}, message.text.upper(), message.html))",
        "test_a_message_arrives_as_it_was_written",
    ),
    "no receipt": (
        "    def send(self, message):\n        super().send(message)\n        return 'ok'",
        "test_a_message_arrives_as_it_was_written",
    ),
    "another receipt each time": (
        "    def name(self, message): return str(len(self.far_end))",
        "test_a_receipt_names_the_message_and_keeps_its_name",
    ),
    "one receipt for all": (
        "    def name(self, message): return 'sent'",
        "test_a_receipt_names_the_message_and_keeps_its_name",
    ),
    "a name that becomes a recipient": (
        "    def deliver(self, message, headers):\n"
        "        more = [part for part in message.to.name.replace('<', ' ').replace('>', ' ').split() if '@' in part]\n"
        "        lowered = {name.lower(): value for name, value in headers.items()}\n"
        "        self.far_end.append(Arrived([message.to.email, *more], lowered, message.text, message.html))",
        "test_any_name_stays_a_name",
    ),
    "headers that anybody can add": (
        "    def check(self, message): return {'Subject': message.subject, 'To': message.to.name}",
        "test_a_line_break_in_a_header_is_rejected",
    ),
    "an address that is two": (
        "    def check(self, message): return {'Subject': message.subject, 'To': message.to.name}",
        "test_what_is_no_address_is_rejected",
    ),
    "a server that is down, for ever": (
        "    def send(self, message):\n        if self.far_end is None: raise Rejected('down')\n"
        "        return super().send(message)",
        "test_a_server_that_does_not_answer_is_tried_again",
    ),
    "an error that tells the password": (
        "    def send(self, message):\n        if self.far_end is None: raise Transient('user:hunter2@host is down')\n"
        "        return super().send(message)",
        "test_an_error_tells_no_secret_and_no_text",
    ),
}

WALLS = {
    "test_there_is_no_network",
    "test_the_hosts_files_and_environment_are_not_there",
    "test_symbolic_links_are_not_followed",
    "test_one_sandbox_does_not_see_another",
    "test_memory_is_limited",
}
HARMFUL = {"test_processes_are_limited_and_none_outlives_the_run", "test_disk_is_limited"}
"""Rules that nobody may breach without bounds: a fork bomb does what fork bombs do. They are breached in small."""
BAD_SANDBOXES = {
    "more processes than were asked for": (
        "    def run(self, command, limits):\n"
        "        few = [word.replace('2000', '100').replace('sleep(60)', 'sleep(1)') for word in command.argv]\n"
        "        yield from super().run(replace(command, argv=few), limits)",
        "test_processes_are_limited_and_none_outlives_the_run",
    ),
    "more disk than was asked for": (
        "    def run(self, command, limits):\n"
        "        folders = \"('.', '/tmp', '/dev/shm', '/var/tmp', '/run', '/')\"\n"
        "        few = [word.replace(folders, \"('.',)\").replace('range(64)', 'range(10)') for word in command.argv]\n"
        "        yield from super().run(replace(command, argv=few), limits)\n"
        "        shutil.rmtree(self.folder)",
        "test_disk_is_limited",
    ),
    "output that is held back": (
        "    def run(self, command, limits): yield from list(super().run(command, limits))",
        "test_output_comes_as_it_is_written",
    ),
    "one stream for both": (
        "    def run(self, command, limits):\n        for piece in super().run(command, limits):\n"
        "            yield Output('stdout', piece.text) if isinstance(piece, Output) else piece",
        "test_streams_and_exit_code_are_told_apart",
    ),
    "an environment that is lost": (
        "    def environment(self, command): return dict(os.environ)",
        "test_stdin_and_environment_arrive",
    ),
    "a file that is written once and never again": (
        "    def write(self, files):\n"
        "        super().write({name: text for name, text in files.items() if not (self.folder / name).exists()})",
        "test_files_go_in_and_come_out",
    ),
    "any path": ("    def check_path(self, name): pass", "test_a_path_out_of_the_workspace_is_rejected"),
    "a timeout that looks like a crash": (
        "    def stopped(self, reason): return Execution(-9, 1, None if reason == 'timeout' else reason)",
        "test_wall_time_is_kept",
    ),
    "a cancel that looks like a crash": (
        "    def stopped(self, reason): return Execution(-9, 1, None if reason == 'cancelled' else reason)",
        "test_cancel_stops_it_from_another_thread",
    ),
    "a run that nobody can leave": (
        "    def run(self, command, limits): return iter(list(super().run(command, limits)))",
        "test_closing_the_run_early_ends_it",
    ),
    "more output than was asked for": (
        "    def run(self, command, limits):\n"
        "        yield from super().run(command, type(limits)(output_bytes=1 << 30))",
        "test_too_much_output_is_cut_and_marked",
    ),
    "one that comes back from the dead": (
        "    def close(self): pass",
        "test_resuming_finds_it_until_it_is_closed",
    ),
}
BAD_PROVIDERS = {
    "every language in the world": (
        "    def missing(self, languages): return None",
        "test_a_language_that_it_has_not_is_told_in_a_sentence",
    ),
    "preparing anew each time": (
        "    def prepare(self, progress): time.sleep(1.1)",
        "test_preparing_twice_is_quick",
    ),
}


def broken_rules(pytester: pytest.Pytester, source: str, *selected: str) -> set[str]:
    """Run a contract; the names of the tests that fail (also one whose plugin crashes)."""
    pytester.makepyfile(source)
    arguments = ["-p", "tali.sdk.testing.pytest_plugin", "-p", "no:cacheprovider", "-q"]
    if selected:
        arguments += ["-k", " or ".join(selected)]
    result = pytester.runpytest_inprocess(*arguments)
    failed = [line for line in result.outlines if line.startswith("FAILED")]
    assert not [line for line in result.outlines if line.startswith("ERROR")], result.stdout.str()
    return {line.split("::")[2].split("[")[0].split(" ")[0] for line in failed}


def plugin(source: str, change: str = "    pass") -> str:
    base = next(kind for kind in ("Evaluator", "Assistant", "Notifier") if f"class {kind}:" in source)
    return source.replace("{change}", f"class Bad({base}):\n{change}").replace("{name}", "Bad")


@pytest.fixture(autouse=True)
def only_our_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading every plugin that is installed here would take longer than the tests."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.mark.parametrize("source", [EVALUATOR, ASSISTANT, NOTIFIER], ids=["evaluator", "assistant", "notifier"])
def test_the_plugin_that_the_bad_ones_are_made_from_is_good(pytester: pytest.Pytester, source: str) -> None:
    assert broken_rules(pytester, plugin(source)) == set()


@pytest.mark.parametrize("fault", BAD_EVALUATORS)
def test_a_bad_evaluator_fails_its_contract(pytester: pytest.Pytester, fault: str) -> None:
    change, rule = BAD_EVALUATORS[fault]
    assert rule in broken_rules(pytester, plugin(EVALUATOR, change), rule)


@pytest.mark.parametrize("fault", BAD_ASSISTANTS)
def test_a_bad_assistant_fails_its_contract(pytester: pytest.Pytester, fault: str) -> None:
    change, rule = BAD_ASSISTANTS[fault]
    assert rule in broken_rules(pytester, plugin(ASSISTANT, change), rule)


@pytest.mark.parametrize("fault", BAD_NOTIFIERS)
def test_a_bad_notifier_fails_its_contract(pytester: pytest.Pytester, fault: str) -> None:
    change, rule = BAD_NOTIFIERS[fault]
    assert rule in broken_rules(pytester, plugin(NOTIFIER, change), rule)


def sandbox(change: str = "", kind: str = "Sandbox") -> str:
    bad = f"class Bad({kind}):\n{change}" if change else ""
    if kind == "Sandbox":
        made = f"{bad}\n\nclass Made(Provider):\n    sandbox = {'Bad' if change else 'Sandbox'}"
        return SANDBOX.replace("{change}", made).replace("{name}", "Made")
    return SANDBOX.replace("{change}", bad).replace("{name}", "Bad")


def test_a_sandbox_without_walls_fails_its_contract_and_keeps_the_other_rules(pytester: pytest.Pytester) -> None:
    harmless = [name for name in vars(SandboxContract) if name.startswith("test_") and name not in HARMFUL]
    assert broken_rules(pytester, sandbox(), *harmless) == WALLS


@pytest.mark.parametrize("fault", BAD_SANDBOXES)
def test_a_bad_sandbox_fails_its_contract(pytester: pytest.Pytester, fault: str) -> None:
    change, rule = BAD_SANDBOXES[fault]
    assert broken_rules(pytester, sandbox(change), rule) == {rule}


@pytest.mark.parametrize("fault", BAD_PROVIDERS)
def test_a_bad_provider_of_sandboxes_fails_its_contract(pytester: pytest.Pytester, fault: str) -> None:
    change, rule = BAD_PROVIDERS[fault]
    assert broken_rules(pytester, sandbox(change, "Provider"), rule) == {rule}


def test_every_rule_for_sandboxes_is_broken_by_somebody() -> None:
    rules = {name for name in vars(SandboxContract) if name.startswith("test_")}
    broken = {rule for _, rule in [*BAD_SANDBOXES.values(), *BAD_PROVIDERS.values()]}
    assert rules - broken - WALLS == set()
