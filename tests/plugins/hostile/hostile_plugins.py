"""Evaluators and an assistant that do the worst a plugin can do, each only to itself. Installed by a test, by pip."""

from __future__ import annotations

import os
import signal
import sys
import time

from tali.sdk import Done, ProviderSpec, Signal, SignalResult, Text, Usage, hookimpl


class _Evaluator:
    components = ()

    def __init__(self, name: str) -> None:
        self.signals = (Signal(name, name, "measured", "One of the worst."),)

    def evaluate(self, record):
        return [SignalResult(self.signals[0].name, self.harm(record))]


class _Dies(_Evaluator):
    def harm(self, record):
        # As a broken C extension would: no exception, no clean-up.
        os.abort()


class _Leaks(_Evaluator):
    def harm(self, record):
        held = []
        while True:
            held.append(bytearray(os.urandom(1 << 16)) * 256)
            time.sleep(0.01)


class _Floods(_Evaluator):
    def evaluate(self, record):
        for stream in (sys.stdout, sys.stderr):
            stream.write("x" * 2_000_000)
        return [SignalResult(self.signals[0].name, 1, detail={"text": "x" * 50_000_000})]


class _Raises(_Evaluator):
    def harm(self, record):
        raise RuntimeError(record.prompts[0].message if record.prompts else "nothing was asked")


class _Hangs(_Evaluator):
    def harm(self, record):
        # Asking politely does not help either.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(3600)


class _Lies(_Evaluator):
    def evaluate(self, record):
        return {"value": 1}


class _Assistant:
    def reply(self, conversation):
        match conversation.messages[-1].text:
            case "die":
                os.abort()
            case "flood":
                while True:
                    yield Text("x" * 100_000)
            case "whisper":
                while True:
                    yield Text("")
        yield Text("Hello.")
        yield Done(Usage())


@hookimpl
def tali_signal_evaluators():
    kinds = (_Dies, _Leaks, _Floods, _Hangs, _Raises, _Lies)
    return [
        ProviderSpec(
            kind.__name__.strip("_").lower(),
            kind.__name__,
            lambda settings, context, kind=kind: kind("hostile_" + kind.__name__.strip("_").lower()),
        )
        for kind in kinds
    ]


@hookimpl
def tali_assistants():
    return ProviderSpec("hostile", "Hostile", lambda settings, context: _Assistant())
