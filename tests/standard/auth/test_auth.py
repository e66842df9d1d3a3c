import pytest
from starlette.testclient import TestClient

from app.standard.auth import AuthSettings, read_requirements
from app.standard.contract import ContractError
from app.standard.service import SettingsError, load_settings
from tests.standard.auth_fixtures import IssueToken


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_caller_with_the_role_is_known_to_the_handler(
    probe: TestClient, issue_token: IssueToken, capsys: pytest.CaptureFixture[str]
) -> None:
    token = issue_token("ann", scope="probe.read other")

    response = probe.get("/caller", headers=bearer(token))

    assert response.json() == {"subject": "ann", "roles": ["other", "probe.read"]}
    log = capsys.readouterr().out
    assert '"subject":"ann"' in log
    assert token not in log


def test_missing_token_is_asked_for(probe: TestClient) -> None:
    response = probe.get("/caller")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_bad_token_is_refused_without_being_shown(probe: TestClient, expired_token: str) -> None:
    for token in (expired_token, "hunter2"):
        response = probe.get("/caller", headers=bearer(token))

        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')
        assert token not in response.text


def test_token_for_another_audience_is_refused(probe: TestClient, foreign_token: str) -> None:
    assert probe.get("/caller", headers=bearer(foreign_token)).status_code == 401


@pytest.mark.parametrize("role", ["probe.rea", "probe.read.all", "PROBE.READ"])
def test_role_that_is_another_is_named(
    probe: TestClient, issue_token: IssueToken, role: str
) -> None:
    response = probe.get("/caller", headers=bearer(issue_token("ann", [role])))

    assert response.status_code == 403
    assert response.json()["detail"] == "The role probe.read is needed."
    assert 'scope="probe.read"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("security", "error"),
    [
        (None, "GET /a has no security; a public operation says security: \\[\\]"),
        ([{}], "must name one scheme"),
        ([{"key": []}], "nobody checks its security scheme key"),
    ],
)
def test_operation_that_nobody_guards_is_refused(security: object, error: str) -> None:
    operation = {"operationId": "a"} | ({} if security is None else {"security": security})
    schemes = {"key": {"type": "apiKey", "in": "query", "name": "key"}}

    with pytest.raises(ContractError, match=error):
        read_requirements(
            {"paths": {"/a": {"get": operation}}, "components": {"securitySchemes": schemes}}
        )


def test_production_wants_an_issuer_with_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("AUTH_ISSUER", "http://issuer.example")

    with pytest.raises(SettingsError) as error:
        load_settings(AuthSettings)

    assert "AUTH_ISSUER: must be an https address" in str(error.value)
    assert "AUTH_AUDIENCE: must be set in production" in str(error.value)
