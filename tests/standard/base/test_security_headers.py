from starlette.testclient import TestClient

from app import create_app
from app.standard.http.security_headers import HEADERS
from app.standard.service import load_settings
from config import Settings


def test_every_response_has_the_headers(client: TestClient) -> None:
    for path in ("/healthz", "/nowhere"):
        response = client.get(path)

        assert HEADERS.items() <= dict(response.headers.raw).items()
        assert "Strict-Transport-Security" not in response.headers


def test_strict_transport_is_asked_for_behind_tls(settings: Settings) -> None:
    app = create_app(load_settings(Settings, hsts_max_age=3600))

    for scheme, header in (("https", "max-age=3600"), ("http", None)):
        with TestClient(app, base_url=f"{scheme}://testserver") as client:
            assert client.get("/healthz").headers.get("Strict-Transport-Security") == header
