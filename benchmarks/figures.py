"""One figure: measured several times, compared with a reference from the same run, written as one JSON file."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

OUT = Path(__file__).with_name("out")


@dataclass(frozen=True)
class Figure:
    """A measured quantity. `target` bounds the median, or the ratio where `target_is_ratio`."""

    area: str
    name: str
    unit: str
    runs: Sequence[float]
    reference_name: str
    reference_runs: Sequence[float]
    target: float
    target_is_ratio: bool = False

    @property
    def ratio(self) -> float:
        return median(self.runs) / median(self.reference_runs)

    @property
    def holds(self) -> bool:
        return (self.ratio if self.target_is_ratio else median(self.runs)) <= self.target

    def write(self) -> None:
        """Write `out/<area>.<name>.json` and say it in one line."""
        OUT.mkdir(exist_ok=True)
        figure = {
            "name": f"{self.area}.{self.name}",
            "unit": self.unit,
            "runs": [round(run, 4) for run in self.runs],
            "median": round(median(self.runs), 4),
            "min": round(min(self.runs), 4),
            "max": round(max(self.runs), 4),
            "reference": {"name": self.reference_name, "median": round(median(self.reference_runs), 4)},
            "ratio": round(self.ratio, 3),
            "target": f"ratio <= {self.target}" if self.target_is_ratio else f"median <= {self.target} {self.unit}",
            "holds": self.holds,
            "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        }
        (OUT / f"{self.area}.{self.name}.json").write_text(json.dumps(figure, indent=2) + "\n")
        print(
            f"{figure['name']:<32} {figure['median']:>9} {self.unit:<4} "
            f"({self.ratio:.2f} x {self.reference_name}; {figure['target']}: {'holds' if self.holds else 'MISSED'})"
        )
