"""Claude keeps the assistant contract, through the vendor's own SDK."""

from __future__ import annotations

import pytest

from tali.sdk import Assistant
from tali.sdk.testing import AssistantContract


class TestClaude(AssistantContract):
    @pytest.fixture
    def provider(self, claude) -> Assistant:
        return claude()
