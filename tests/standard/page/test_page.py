from pathlib import Path

import pytest
import yaml
from starlette.testclient import TestClient

from app import create_app
from app.standard.contract import ContractError
from app.standard.service import load_settings
from config import Settings

# {% if cookiecutter.use_auth %}
FILES = ("page.css", "page.js", "icon.svg", "operations.json", "page_login.js")
# {% endif %}
# {% if not cookiecutter.use_auth %}
FILES = ("page.css", "page.js", "icon.svg", "operations.json")
# {% endif %}


async def nothing() -> None:
    """Return nothing."""


def write_contract(folder: Path, path: str) -> Path:
    answers = {"204": {"description": "Done"}}
    operation = {"operationId": f"{__name__}.nothing", "security": [], "responses": answers}
    contract = {
        "openapi": "3.0.3",
        "info": {"title": "<T>", "version": "1"},
        "paths": {path: {"get": operation}},
    }
    file = folder / "contract.yml"
    file.write_text(yaml.safe_dump(contract))
    return file


def test_page_takes_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/page/")

    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for name in FILES:
        file = client.get(f"/page/{name}")
        assert file.status_code == 200
        assert "//" not in file.text.replace("// ", "").replace("http://www.w3.org/2000/svg", "")
    assert client.get("/page/nothing.js").status_code == 404


def test_files_are_asked_for_again_and_sent_once(client: TestClient) -> None:
    first = client.get("/page/page.css")
    again = client.get("/page/page.css", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "no-cache"
    assert first.headers["Content-Encoding"]
    assert (again.status_code, again.content) == (304, b"")


def test_page_is_found_at_the_root(client: TestClient) -> None:
    for path in ("/", "/page"):
        answer = client.get(path, follow_redirects=False)
        # Below a prefix, too.
        assert answer.headers["Location"] == "page/"


# {% if cookiecutter.use_csv_export %}
def test_sample_is_shown_once_with_its_filters(client: TestClient) -> None:
    [shown] = client.get("/page/operations.json").json()

    assert shown["kind"] == "csv"
    kinds = {field["name"]: field["kind"] for field in shown["fields"]}
    assert kinds == {
        "categories": "texts",
        "active": "boolean",
        "created_from": "date",
        "created_before": "date",
    }


# {% endif %}
def test_page_is_served_without_swagger_ui(settings: Settings) -> None:
    with TestClient(create_app(load_settings(Settings, serve_api_docs=False))) as client:
        assert client.get("/ui/").status_code == 404
        assert client.get("/page/").status_code == 200
        # {% if cookiecutter.use_auth %}
        redirect = client.get("/ui/oauth2-redirect.html")
        assert redirect.status_code == 200
        # {% if cookiecutter.framework != "fastapi" %}
        assert "oauth2-redirect.js" in redirect.text
        assert client.get("/ui/oauth2-redirect.js").status_code == 200
        # {% endif %}
        # {% endif %}


def test_title_is_text(settings: Settings, tmp_path: Path) -> None:
    with TestClient(create_app(settings, write_contract(tmp_path, "/"))) as client:
        assert "<h1>&lt;T&gt;</h1>" in client.get("/page/").text
        assert client.get("/").status_code == 204


@pytest.mark.parametrize("path", ["/page", "/page/", "/page/page.js", "/page/things"])
def test_path_of_the_page_is_refused(settings: Settings, tmp_path: Path, path: str) -> None:
    with pytest.raises(ContractError, match="the service itself answers at this path"):
        create_app(settings, write_contract(tmp_path, path))
