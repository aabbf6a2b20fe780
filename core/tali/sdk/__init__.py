"""What plugin authors import: `from tali.sdk import hookimpl, ProviderSpec, …` is a plugin's whole way into TALI."""

from __future__ import annotations

import pluggy

from tali.sdk.assistants import (
    Assistant,
    Chunk,
    Conversation,
    Done,
    EditProposal,
    Hint,
    Message,
    Notice,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from tali.sdk.context import PluginContext, ProviderSpec, Store
from tali.sdk.errors import ConfigurationMissing, PluginError, Rejected, SandboxGone, SandboxUnavailable, Transient
from tali.sdk.http import HttpClient, HttpResponse
from tali.sdk.judges import (
    AnswerLost,
    CalibrationRecord,
    Exchange,
    Judge,
    JudgedPrompt,
    Judgement,
    ModelAnswer,
)
from tali.sdk.notifiers import Address, MailMessage, Notifier, Receipt
from tali.sdk.sandboxes import (
    Command,
    Execution,
    Limits,
    Output,
    Sandbox,
    SandboxProvider,
    SandboxRequest,
)
from tali.sdk.sessions import (
    Edit,
    EditOrigin,
    Files,
    HelpLevel,
    Prompt,
    RunRecord,
    SessionEvent,
    SessionRecord,
    TaskFacts,
    TestOutcome,
    TestResult,
)
from tali.sdk.settings import Setting, Settings, SettingsSpec
from tali.sdk.signals import Component, Evidence, Flag, Signal, SignalEvaluator, SignalResult

hookimpl = pluggy.HookimplMarker("tali")
"""Marks a plugin's implementation of a hook; the function's name is the hook's."""

__all__ = [
    "Address", "AnswerLost", "Assistant", "CalibrationRecord", "Chunk", "Command", "Component",
    "ConfigurationMissing", "Conversation", "Done", "Edit", "EditOrigin", "EditProposal", "Evidence", "Exchange",
    "Execution", "Files", "Flag", "HelpLevel", "Hint", "HttpClient", "HttpResponse", "Judge", "JudgedPrompt",
    "Judgement", "Limits", "MailMessage", "Message", "ModelAnswer", "Notice", "Notifier", "Output", "PluginContext",
    "PluginError", "Prompt", "ProviderSpec", "Receipt", "Rejected", "RunRecord", "Sandbox", "SandboxGone",
    "SandboxProvider", "SandboxRequest", "SandboxUnavailable", "SessionEvent", "SessionRecord", "Setting",
    "Settings", "SettingsSpec", "Signal", "SignalEvaluator", "SignalResult", "Store", "TaskFacts", "TestOutcome",
    "TestResult", "Text", "ToolCall", "ToolResult", "Transient", "Usage", "hookimpl",
]  # fmt: skip
