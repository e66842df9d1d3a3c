import socket

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError


@pytest.fixture(autouse=True)
def _clean(clean_environment: None) -> None:
    pass


def test_setting_that_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "oracle://me:secret@host/name")

    with pytest.raises(CommandError, match="DATABASE_URL: must be an address") as caught:
        command.upgrade(Config("alembic.ini"), "head")

    assert "secret" not in str(caught.value)


def test_database_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        monkeypatch.setenv("DATABASE_URL", f"postgresql://me:secret@127.0.0.1:{port}/name")

        with pytest.raises(CommandError, match="does not answer: ConnectionRefused") as caught:
            command.upgrade(Config("alembic.ini"), "head")

    assert "secret" not in str(caught.value)
