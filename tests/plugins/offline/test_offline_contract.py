"""The hint sheet keeps the assistant contract."""

from __future__ import annotations

import pytest

from tali.sdk import Assistant
from tali.sdk.testing import AssistantContract
from tali_offline.assistant import OfflineAssistant


class TestOffline(AssistantContract):
    @pytest.fixture
    def provider(self) -> Assistant:
        return OfflineAssistant(pause=lambda seconds: None)
