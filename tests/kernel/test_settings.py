"""Settings: clear about what is wrong, silent about secrets, strict in production."""

from __future__ import annotations

import pytest

from tali.kernel.settings import Settings, SettingsError

KEY = "k" * 32


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("TALI_PORT", "ninety", "TALI_PORT"),
        ("TALI_PORT", "70000", "from 0 to 65535"),
        ("TALI_ENV", "staging", "development, production"),
        ("TALI_SECRET_KEYS", "short", "32 characters"),
        ("SCORE_WEIGHTS", "tests", "component=share"),
        ("TALI_MAX_STREAMS", "32", "TALI_WEB_THREADS"),
    ],
)
def test_a_setting_that_does_not_hold_is_named(variable: str, value: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        Settings.from_environment({variable: value})


def test_production_needs_keys_and_chooses_no_assistant_by_itself() -> None:
    with pytest.raises(SettingsError, match="TALI_SECRET_KEYS"):
        Settings.from_environment({"TALI_ENV": "production"})
    settings = Settings.from_environment({"TALI_ENV": "production", "TALI_SECRET_KEYS": KEY})
    assert settings.assistant == "none"


def test_mail_in_production_needs_an_address_that_its_links_lead_to() -> None:
    mailing = {"TALI_ENV": "production", "TALI_SECRET_KEYS": KEY, "TALI_NOTIFIER": "smtp"}
    with pytest.raises(SettingsError, match="TALI_PUBLIC_URL"):
        Settings.from_environment(mailing)
    assert Settings.from_environment({**mailing, "TALI_PUBLIC_URL": "https://tali.example/"}).notifier == "smtp"


def test_secrets_do_not_print() -> None:
    settings = Settings.from_environment(
        {
            "TALI_SECRET_KEYS": KEY,
            "TALI_DATABASE_URL": "postgresql://u:hunter2@h/d",  # pragma: allowlist secret
            "TALI_REDIS_URL": "redis://:hunter2@h",
        }
    )
    assert KEY not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_the_application_url_is_the_owners_with_another_role() -> None:
    settings = Settings.from_environment(
        {"TALI_DATABASE_URL": "postgresql://boss:pw@db.example:5433/tali?sslmode=require"}  # pragma: allowlist secret
    )
    expected = "postgresql://tali_app:p%2Fw@db.example:5433/tali?sslmode=require"  # pragma: allowlist secret
    assert settings.app_database_url("p/w") == expected


def test_two_processes_that_start_at_once_share_one_key(tmp_path) -> None:
    first, second = (Settings.from_environment({"TALI_DATA_DIR": str(tmp_path)}) for _ in range(2))
    assert first.key_ring() == second.key_ring()
