"""Remembers which events were dealt with, for as long as the provider may send them again."""

DAY_SECONDS = 24 * 60 * 60


class SeenEvents:
    """A memory of keys that forgets each of them after `keep_seconds`."""

    def __init__(self, keep_seconds: float = DAY_SECONDS):
        self.keep_seconds = keep_seconds
        self._seen_at = {}

    def __contains__(self, key: str) -> bool:
        return key in self._seen_at

    def __len__(self) -> int:
        return len(self._seen_at)

    def add(self, key: str, now: float) -> None:
        self._seen_at[key] = now
        self._forget(now)

    def _forget(self, now: float) -> None:
        for key, seen_at in list(self._seen_at.items()):
            if seen_at > now + self.keep_seconds:
                del self._seen_at[key]
