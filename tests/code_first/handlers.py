"""What holds of handlers."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import APIRouter

from app import background, create_app

NEW = {"to": "Ann"}
LETTER = {**NEW, "id": str(uuid4())}


def test_nothing_is_taken_out_of_a_result(client, monkeypatch) -> None:
    monkeypatch.setattr("app.api.Letter.model_dump", lambda *_, **__: {**LETTER, "secret": 1})

    assert client.post("/letters", json=NEW).json()["secret"] == 1


def test_model_is_no_result(client, monkeypatch) -> None:
    monkeypatch.setattr("app.api.Letter.model_dump", lambda letter, **_: letter)

    assert client.post("/letters", json=NEW).status_code == 500


def test_background_is_waited_for(client, monkeypatch, capsys) -> None:
    async def work(fails: bool) -> None:
        await asyncio.sleep(0.01)
        done.append(fails)
        if fails:
            raise ValueError("no stamp")

    async def run_both() -> None:
        async with background.lifespan(None):
            background.begin(work(True))
            background.begin(work(False))
            assert not done

    done = []
    asyncio.run(run_both())

    assert sorted(done) == [False, True]
    assert "no stamp" in capsys.readouterr().out


def test_path_is_moved_whole(monkeypatch) -> None:
    async def burn() -> None: ...

    router = APIRouter()
    router.put("/letters/{letter_id}")(burn)
    monkeypatch.setattr("app.router", router)

    with pytest.raises(Exception, match=r"in app/routes.py: the contract has DELETE /letters/{let"):
        create_app()


def test_number_alone_does_not_make_a_contract_of_3_0(tmp_path) -> None:
    text = Path("api-spec.yml").read_text("utf-8")
    assert text.startswith("openapi: 3.")
    (tmp_path / "api-spec.yml").write_text(text.replace("openapi: 3.1.0", "openapi: 3.0.3", 1))

    if text.startswith("openapi: 3.0"):
        assert create_app(contract_file=tmp_path / "api-spec.yml")
    else:
        with pytest.raises(Exception, match="anyOf/1/type: it is not one of"):
            create_app(contract_file=tmp_path / "api-spec.yml")
