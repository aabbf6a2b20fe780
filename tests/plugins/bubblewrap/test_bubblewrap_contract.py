"""The local sandbox keeps the sandbox contract."""

from __future__ import annotations

import pytest

from tali.sdk import SandboxProvider
from tali.sdk.testing import SandboxContract


class TestBubblewrap(SandboxContract):
    @pytest.fixture
    def provider(self, bubblewrap: SandboxProvider) -> SandboxProvider:
        return bubblewrap
