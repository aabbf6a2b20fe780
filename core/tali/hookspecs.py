"""Every hook: when it is called, by whom, what it may not do, and what an error means.

All hooks run once, at boot, in every process; they describe providers and must not open connections, read keys or
import a vendor's SDK (those come with `create`). A hook that raises leaves its plugin out: it is listed as broken with
the reason, and everything else works. A misspelled hook stops the boot, because nothing else would ever notice it.
"""

from __future__ import annotations

import pluggy

from tali.sdk import Assistant, Judge, Notifier, ProviderSpec, SandboxProvider, SignalEvaluator

hookspec = pluggy.HookspecMarker("tali")


@hookspec
def tali_signal_evaluators() -> ProviderSpec[SignalEvaluator | Judge] | list[ProviderSpec[SignalEvaluator | Judge]]:  # type: ignore[empty-body]
    """Offer evaluators that measure or judge a submitted session.

    Core calls `create(settings, context)` for each organisation in a worker process, and `evaluate(record)` once per
    score run, after the hidden tests, under a hard time limit. An evaluator gets no session, no request and no model:
    the record is all there is. Who the candidate is stands nowhere in it but in what they wrote themselves.

    Capability `judge`: the provider is a `tali.sdk.Judge`, which asks a model. Its one request a submission is put on
    record before it goes out, in a worker of its own, and its answer is kept and read again when scores are made anew.

    A crash, a hang or a wrong answer costs this evaluator its values (null, with the reason) and the run becomes
    `partial`; the submission and the other evaluators are untouched.
    """


@hookspec
def tali_assistants() -> ProviderSpec[Assistant] | list[ProviderSpec[Assistant]]:  # type: ignore[empty-body]
    """Offer an assistant that candidates can work with.

    Core calls `create(settings, context)` for each organisation that chose it, in an interactive worker, and
    `reply(conversation)` once per turn, under a deadline and a bulkhead of its own.

    A reply must end in `Done`; a stream that stops without it is stored as interrupted. It is never given hidden tests
    or the reference solution, and must not keep text beyond the call.

    Capability `not_an_ai`: the widget says so, with the spec's `notice`, before the first message.
    """


@hookspec
def tali_notifiers() -> ProviderSpec[Notifier] | list[ProviderSpec[Notifier]]:  # type: ignore[empty-body]
    """Offer a way to send mail to people: invitations, new passwords.

    Core calls `create(settings, context)` in worker processes that deliver, once for the deployment and once for each
    organisation that has set values of its own, and `send(message)` once per message, under a hard time limit. It never
    renders: a message comes whole, and goes out as it came.

    `Transient` is tried again, later each time; `Rejected` is not, and whoever caused the message sees its reason. A
    crash in mid-send means that a message may go out twice, under the same idempotency key.
    """


@hookspec
def tali_sandboxes() -> ProviderSpec[SandboxProvider] | list[ProviderSpec[SandboxProvider]]:  # type: ignore[empty-body]
    """Offer a place where candidate code runs.

    Core calls `create(settings, context)` once per process for the deployment, and once for each organisation that has
    set values of its own; `prepare(progress)` at `tali up`, `check()` now and then, and `open` for each run and each
    grading. Files are the truth: a sandbox may vanish at any moment, and the next run writes them again.

    A provider that cannot contain code must refuse (`SandboxUnavailable`) rather than run it.
    """
