from collections.abc import Iterator

import flask
import pytest
from connexion.apps.flask import FlaskApp
from starlette.testclient import TestClient

from app import create_app
from app.standard.http.incoming_body import IN_MEMORY_BYTES
from app.standard.service import load_settings
from config import Settings
from tests.standard import probe
from tests.standard.probe import PROBE_CONTRACT


@pytest.fixture
def flask_probe(settings: Settings) -> Iterator[TestClient]:
    app = create_app(settings, PROBE_CONTRACT)
    assert isinstance(app, FlaskApp)
    app.app.add_url_rule("/view", view_func=lambda: "a view of Flask itself")
    app.app.after_request(_change_created)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def _change_created(response: flask.Response) -> flask.Response:
    if flask.request.path == "/created":
        response.set_data(b'{"id":"changed"}')
    return response


def test_view_of_flask_answers(flask_probe: TestClient) -> None:
    assert flask_probe.get("/view").text == "a view of Flask itself"


def test_operation_answers_whatever_view_flask_finds(settings: Settings) -> None:
    app = create_app(settings, PROBE_CONTRACT)
    assert isinstance(app, FlaskApp)
    with TestClient(app, raise_server_exceptions=False) as client:
        rules = {rule.rule: rule for rule in app.app.url_map.iter_rules()}
        # As if Flask's router took one address for another.
        rules["/nothing"].endpoint = rules["/conflict"].endpoint

        assert client.get("/conflict").status_code == 409
        assert client.get("/nothing").status_code == 204


def test_body_that_an_extension_changes_is_sent(flask_probe: TestClient) -> None:
    response = flask_probe.post("/created")

    assert response.json() == {"id": "changed"}
    assert response.headers["Content-Length"] == str(len(response.content))


def test_extension_that_reads_a_stream_does_not_empty_it(settings: Settings) -> None:
    app = create_app(settings, PROBE_CONTRACT)
    assert isinstance(app, FlaskApp)
    app.app.after_request(_read)
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/stream")

    assert response.status_code == 500


def _read(response: flask.Response) -> flask.Response:
    response.get_data()
    return response


def test_application_can_start_again(settings: Settings) -> None:
    app = create_app(settings, PROBE_CONTRACT)

    for _ in range(2):
        with TestClient(app) as client:
            assert client.post("/created").status_code == 201


@pytest.mark.parametrize("has_hook", [False, True])
def test_handler_runs_in_the_context_of_flask(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, has_hook: bool
) -> None:
    async def created() -> dict[str, str]:
        return {"path": flask.request.path, "data": flask.request.get_data(as_text=True)}

    monkeypatch.setattr(probe, "created", created)
    app = create_app(settings, PROBE_CONTRACT)
    assert isinstance(app, FlaskApp)
    if has_hook:
        app.app.before_request(lambda: None)
    with TestClient(app) as client:
        response = client.post("/created", content=b"as it came")

    assert response.json() == {"path": "/created", "data": "as it came"}


@pytest.mark.parametrize("size", [100, 3 * IN_MEMORY_BYTES])
def test_body_that_was_checked_can_be_read_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    async def put(body: dict[str, str] | None) -> dict[str, bool]:
        return {"again": flask.request.get_json() == body}

    monkeypatch.setattr(probe, "put", put)
    roomy = load_settings(Settings, request_max_bytes=4 * IN_MEMORY_BYTES)
    with TestClient(create_app(roomy, PROBE_CONTRACT)) as client:
        response = client.put("/echo", json={"name": "a" * size})

    assert response.json() == {"again": True}


def test_handler_of_an_error_is_asked(settings: Settings) -> None:
    app = create_app(settings, PROBE_CONTRACT)
    assert isinstance(app, FlaskApp)
    app.app.register_error_handler(RuntimeError, lambda error: (str(error), 418))
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/failure")

    assert (response.status_code, response.text) == (418, "the disk is full")


def test_unknown_path_is_the_same_problem_as_without_flask(settings: Settings) -> None:
    with TestClient(create_app(settings, PROBE_CONTRACT)) as client:
        problem = client.get("/nowhere").json()

    assert (problem["title"], problem["detail"]) == ("Not Found", "Not Found")
