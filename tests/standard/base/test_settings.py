from pathlib import Path

import pytest

from app.standard.http import HttpSettings
from app.standard.service import SettingsError, load_settings


def test_bad_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("HTTP_PORT", "hunter2")

    with pytest.raises(SettingsError, match="HTTP_PORT: Input should be a valid integer") as error:
        load_settings(HttpSettings)

    assert "hunter2" not in str(error.value)


def test_every_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "staging")
    monkeypatch.setenv("HTTP_PORT", "70000")

    with pytest.raises(SettingsError) as error:
        load_settings(HttpSettings)

    assert "ENVIRONMENT: Input should be 'development', 'test' or 'production'" in str(error.value)
    assert "HTTP_PORT: Input should be less than or equal to 65535" in str(error.value)


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("CORS_ALLOW_ORIGINS", "https://a.example, https://b.example")

    settings = load_settings(HttpSettings)

    assert settings.cors_allow_origins == ("https://a.example", "https://b.example")


def test_credentials_for_any_origin_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("CORS_ALLOW_ORIGINS", "*")
    monkeypatch.setenv("CORS_ALLOW_CREDENTIALS", "true")

    with pytest.raises(SettingsError, match="CORS_ALLOW_CREDENTIALS: must not be true"):
        load_settings(HttpSettings)


def test_env_file_counts_in_development_where_the_environment_says_nothing(
    clean_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("HTTP_HOST=::1\nHTTP_WORKERS=2\nLOG_LEVEL=\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HTTP_HOST", "::")

    monkeypatch.setenv("ENVIRONMENT", "")
    in_development = load_settings(HttpSettings)
    monkeypatch.setenv("ENVIRONMENT", "test")
    elsewhere = load_settings(HttpSettings)

    assert (in_development.http_host, in_development.http_workers) == ("::", 2)
    assert in_development.log_level == "INFO"
    assert elsewhere.http_workers == 1
