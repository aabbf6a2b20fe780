"""Installing a plugin by pip from its own folder, for one product under test."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def install(source: Path, folder: Path) -> Path:
    """Build and install the package in `source`; answers the folder to put on PYTHONPATH. Asks no index."""
    copy, site = folder / "source", folder / "site"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    # pip builds in place, and the source may be ours.
    shutil.copytree(source, copy)
    options = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(site), str(copy)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return site
