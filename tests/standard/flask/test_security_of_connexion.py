# {% if not cookiecutter.use_auth %}
"""What the security of Connexion finds out, handlers get."""

from pathlib import Path

from starlette.testclient import TestClient

from app import create_app
from config import Settings

SECURED = """
openapi: 3.0.3
info: { title: Secured, version: "1" }
paths:
  /who:
    get:
      operationId: tests.standard.test_security_of_connexion.tell
      responses: { default: { description: Who calls } }
security: [{ bearer: [] }]
components:
  securitySchemes:
    bearer:
      type: http
      scheme: bearer
      x-bearerInfoFunc: tests.standard.test_security_of_connexion.read_token
"""


def read_token(token: str) -> dict[str, str]:
    return {"sub": "ann", "token": token}


async def tell(user: str, token_info: dict[str, str]) -> list[str]:
    return [user, token_info["token"]]


def test_handler_gets_what_the_security_of_connexion_finds_out(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "api.yml").write_text(SECURED, "utf-8")

    with TestClient(create_app(settings, tmp_path / "api.yml")) as client:
        assert client.get("/who").status_code == 401
        response = client.get("/who", headers={"Authorization": "Bearer abc"})

    assert response.json() == ["ann", "abc"]


# {%- endif +%}
