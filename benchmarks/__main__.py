"""`python -m benchmarks [AREA]`: run the figures of one area, or of all."""

from __future__ import annotations

import sys

from benchmarks import core, sandboxes, scoring, skeleton, streaming

AREAS = {
    "skeleton": skeleton.figures,
    "core": core.figures,
    "scoring": scoring.figures,
    "sandboxes": sandboxes.figures,
    "streaming": streaming.figures,
}


def main() -> int:
    wanted = sys.argv[1:] or list(AREAS)
    for area in wanted:
        if area not in AREAS:
            print(f"There is no area {area}. There are: {', '.join(AREAS)}.", file=sys.stderr)
            return 2
    missed = 0
    for area in wanted:
        for figure in AREAS[area]():
            figure.write()
            missed += not figure.holds
    return 1 if missed else 0


sys.exit(main())
