"""The served document shows the routes in code beside the contract, and no conflict between them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Depends, WebSocket
from openapi_spec_validator import validate
from pydantic import BaseModel, create_model

from app.standard.contract import ContractError
from app.standard.framework import App
from config import Settings
from tests.standard.coded import create, serving
from tests.standard.echoing import WIDE_CONTRACT, WIDE_CONTRACT_3_1
from tests.standard.probe import PROBE_CONTRACT

# What 3.1 has in another form, wherever a schema can stand.
SCHEMAS_OF_3_0 = """
openapi: 3.0.3
info: { title: Old, version: "1" }
servers: [{ url: /v1 }]
security: []
paths:
  /old:
    get:
      operationId: tests.standard.probe.echo
      parameters:
        - { name: above, in: query, schema: { type: integer, minimum: 1, exclusiveMinimum: true } }
        - { name: up, in: query, schema: { type: integer, maximum: 9, exclusiveMaximum: false } }
        - { name: bare, in: query, schema: { type: number, exclusiveMaximum: true } }
      responses:
        default:
          description: Whatever it is
          content: { application/json: { schema: { $ref: "#/components/schemas/Old" } } }
components:
  schemas:
    Other: { type: string }
    Old:
      type: object
      properties:
        default: { type: number, nullable: true, maximum: 1, exclusiveMaximum: true }
        nullable: { type: string, enum: [a], nullable: true, default: a }
        other: { nullable: true, allOf: [{ $ref: "#/components/schemas/Other" }] }
        beside: { $ref: "#/components/schemas/Other", maxLength: 1 }
      example: { nullable: true }
"""


class Crate(BaseModel):
    """What is sent."""

    name: str


def tell() -> dict[str, str]:
    return {"from": "code"}


def routed(path: str, **options: Any) -> APIRouter:
    router = APIRouter()
    router.add_api_route(path, tell, **options)
    return router


def served(settings: Settings, router: APIRouter, contract: Path = PROBE_CONTRACT) -> Any:
    with serving(settings, router, contract) as client:
        return client.get("/openapi.json").json()


def whole_router() -> APIRouter:
    router = APIRouter(prefix="/crates", tags=["crates"])
    inner = APIRouter(prefix="/inner")

    @router.post("", responses={409: {"description": "It is there"}})
    async def add(crate: Crate) -> Crate:
        return crate

    @router.get("/hidden", include_in_schema=False)
    async def hidden(limit: int) -> int:
        return limit

    @inner.get("/{name}", responses={422: {"description": "Mine"}})
    async def read(name: int) -> int:
        return name

    @inner.get("/own/{name}", responses={400: {"description": "Mine"}})
    async def read_own(name: int) -> int:
        return name

    router.include_router(inner)
    return router


@pytest.mark.parametrize("contract", [PROBE_CONTRACT, WIDE_CONTRACT, WIDE_CONTRACT_3_1])
def test_document_is_valid_and_shows_both(wide_settings: Settings, contract: Path) -> None:
    document = served(wide_settings, whole_router(), contract)

    validate(document)
    assert document["openapi"].startswith("3.1")
    assert {"/crates", "/crates/inner/{name}", "/healthz"} < {*document["paths"]}
    assert "/crates/hidden" not in document["paths"]
    post = document["paths"]["/crates"]["post"]
    assert post["tags"] == ["crates"]
    assert {*post["responses"]} == {"200", "400", "409"}
    assert {*post["responses"]["400"]["content"]} == {"application/problem+json"}
    read = document["paths"]["/crates/inner/{name}"]["get"]
    assert read["responses"]["422"]["description"] == "Mine"
    own = document["paths"]["/crates/inner/own/{name}"]["get"]
    assert own["responses"]["400"]["description"] == "Mine"
    assert not {"HTTPValidationError", "ValidationError"} & {*document["components"]["schemas"]}


def test_contract_without_routes_in_code_is_shown_as_it_is(wide_settings: Settings) -> None:
    for router in (APIRouter(), routed("/hidden", include_in_schema=False)):
        assert served(wide_settings, router)["openapi"] == "3.0.3"


def test_schemas_of_3_0_mean_the_same_in_3_1(wide_settings: Settings, tmp_path: Path) -> None:
    contract = tmp_path / "old.yml"
    contract.write_text(SCHEMAS_OF_3_0, "utf-8")

    document = served(wide_settings, routed("/new"), contract)

    validate(document)
    above, up, bare = document["paths"]["/old"]["get"]["parameters"]
    assert above["schema"] == {"type": "integer", "exclusiveMinimum": 1}
    assert up["schema"] == {"type": "integer", "maximum": 9}
    assert bare["schema"] == {"type": "number"}
    other = {"$ref": "#/components/schemas/Other"}
    old = document["components"]["schemas"]["Old"]
    assert old["example"] == {"nullable": True}
    assert old["properties"] == {
        "default": {"type": ["number", "null"], "exclusiveMaximum": 1},
        "nullable": {"type": ["string", "null"], "enum": ["a", None], "default": "a"},
        "other": {"anyOf": [{"allOf": [other]}, {"type": "null"}]},
        "beside": other,
    }


def test_routes_stand_at_the_root_and_are_public_unless_they_say_so(
    wide_settings: Settings, tmp_path: Path
) -> None:
    contract = tmp_path / "old.yml"
    contract.write_text(SCHEMAS_OF_3_0, "utf-8")

    with serving(wide_settings, routed("/new"), contract) as client:
        assert client.get("/new").json() == {"from": "code"}
        assert client.get("/v1/old").json() == {}
        document = client.get("/openapi.json").json()

    assert document["servers"] == [{"url": "./v1"}]
    assert document["paths"]["/new"]["servers"] == [{"url": "./"}]
    assert document["paths"]["/new"]["get"]["security"] == []


def test_route_at_the_root_takes_the_place_of_the_redirect(wide_settings: Settings) -> None:
    with serving(wide_settings, routed("/")) as client:
        assert client.get("/").json() == {"from": "code"}


@pytest.mark.parametrize(
    ("path", "shadow"),
    [
        ("/echo", "the contract has GET /echo"),
        ("/echo/", "the contract has GET /echo"),
        ("/things/{name}", "the contract has GET /things/{id}"),
        ("/things/{number:int}", "the contract has GET /things/{id}"),
        ("/things/special", "the contract has GET /things/{id}"),
        ("/healthz", "the service itself answers there"),
        ("/ui/mine", "the service itself answers there"),
    ],
)
def test_route_that_no_request_reaches_stops_the_start(
    wide_settings: Settings, path: str, shadow: str
) -> None:
    above = APIRouter()
    above.include_router(routed(path))

    for router in (routed(path), above):
        with pytest.raises(ContractError) as error:
            create(wide_settings, router)

        assert str(error.value) == f"{path} in app/routes.py: {shadow}"


def test_web_socket_stops_the_start(wide_settings: Settings) -> None:
    router = APIRouter()

    @router.websocket("/socket")
    async def socket(_socket: WebSocket) -> None:
        """Be no route that the server could serve."""

    with pytest.raises(ContractError, match=r"/socket in app/routes.py: .* no WebSockets"):
        create(wide_settings, router)


def test_application_that_would_not_ask_for_dependencies_stops_the_start(
    wide_settings: Settings,
) -> None:
    guarded = APIRouter(dependencies=[Depends(tell)])
    guarded.mount("/mounted", APIRouter())
    whole = APIRouter()
    whole.mount("/mounted", APIRouter())
    whole.include_router(APIRouter(dependencies=[Depends(tell)]))

    create(wide_settings, whole)
    with pytest.raises(ContractError, match=r"/mounted in app/routes.py: .* dependencies"):
        create(wide_settings, guarded)


def test_schema_that_the_contract_has_under_this_name_stops_the_start(
    wide_settings: Settings, tmp_path: Path
) -> None:
    contract = tmp_path / "old.yml"
    contract.write_text(SCHEMAS_OF_3_0.replace("Other", "Crate"), "utf-8")
    health = routed("/health-of-code", response_model=create_model("Health", name=str))

    with pytest.raises(ContractError, match=r"schema Crate in app/routes.py: .* rename it"):
        create(wide_settings, whole_router(), contract)
    with pytest.raises(ContractError, match=r"schema Health in app/routes.py: .* rename it"):
        create(wide_settings, health)


def test_schema_that_is_the_same_is_shared(wide_settings: Settings, tmp_path: Path) -> None:
    same = "Crate: { type: object, required: [name], title: Crate, description: What is sent., "
    same += "properties: { name: { type: string, title: Name } } }"
    contract = tmp_path / "old.yml"
    contract.write_text(SCHEMAS_OF_3_0.replace("    Other:", f"    {same}\n    Other:"), "utf-8")

    assert "Crate" in served(wide_settings, whole_router(), contract)["components"]["schemas"]


# {% if not cookiecutter.use_auth %}
def test_security_that_nobody_checks_stops_the_start(
    wide_settings: Settings, tmp_path: Path
) -> None:
    contract = tmp_path / "old.yml"
    text = SCHEMAS_OF_3_0.replace("security: []", "security: [{ key: [] }]")
    scheme = "  securitySchemes: { key: { type: http, scheme: basic } }\n"
    contract.write_text(text + scheme, "utf-8")

    with pytest.raises(ContractError) as error:
        create(wide_settings, APIRouter(), contract)

    assert str(error.value) == (
        "GET /v1/old: it has security, and the module that checks it is not in this service; "
        "let it come by an update with use_auth=true, or say security: []"
    )


# {% endif %}
def test_lifespan_of_a_router_runs(wide_settings: Settings) -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        seen.append("begun")
        yield
        seen.append("ended")

    router = APIRouter(lifespan=lifespan)
    with serving(wide_settings, router) as client:
        assert client.get("/readyz").status_code == 200
        assert seen == ["begun"]
    assert seen == ["begun", "ended"]
