"""What it costs to contain a run."""

from __future__ import annotations

import logging
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from benchmarks.figures import Figure
from tali.kernel.plugin_services import GuardedHttpClient
from tali.sdk import Command, Limits, PluginContext, SandboxRequest

AREA = "sandboxes"


def figures() -> Iterator[Figure]:
    """A contained run of a program that does nothing, beside the bare interpreter."""
    from tali_bubblewrap.provider import BubblewrapProvider
    from tali_bubblewrap.toolchain import find_interpreter

    with tempfile.TemporaryDirectory(prefix="tali-bench-") as name:
        context = PluginContext(
            plugin="bubblewrap",
            organization_id=None,
            logger=logging.getLogger("benchmarks"),
            clock=lambda: datetime.now(UTC),
            http=GuardedHttpClient(),
            store=cast(Any, None),
            data_dir=Path(name),
        )
        provider = BubblewrapProvider({"python": "", "places": 64}, context)
        provider.check()

        def contained() -> None:
            sandbox = provider.open(SandboxRequest(["python"]))
            sandbox.write({"main.py": "pass"})
            list(sandbox.run(Command(["python", "main.py"]), Limits()))
            sandbox.close()

        def bare() -> None:
            subprocess.run([find_interpreter().executable, "-c", "pass"], check=True)

        added, alone = [], []
        for _ in range(30):
            took, reference = _milliseconds(contained), _milliseconds(bare)
            added.append(took - reference)
            alone.append(reference)
        provider.close()
        yield Figure(AREA, "containing_adds", "ms", added, "the bare interpreter", alone, 10.0)


def _milliseconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
