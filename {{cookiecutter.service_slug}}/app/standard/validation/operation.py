"""An operation of the contract, compiled: from a request to the arguments of its handler."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope

from app.standard.validation.bodies import Body
from app.standard.validation.compatibility import Given
from app.standard.validation.finding import Find
from app.standard.validation.handlers import Function, Handler
from app.standard.validation.head import (
    Texts,
    path_pattern,
    raw_path,
    read_cookies,
    read_headers,
    read_query,
)
from app.standard.validation.names import BODY, argument_name
from app.standard.validation.parameters import (
    ABSENT,
    PLACES,
    Parameter,
    Refused,
    read_parameters,
)
from app.standard.validation.references import ContractError, follow
from app.standard.validation.refusals import Fault, fault, refuse
from app.standard.validation.responses import Responses

HEADERS_OF_BODY = frozenset({b"content-encoding", b"content-length", b"content-type"})
# {% if cookiecutter.framework != "fastapi" %}
# Where Connexion's security leaves what it found out.
SECURITY_CONTEXT = "connexion_context"
# {% endif %}
# {% if cookiecutter.framework == "fastapi" %}
# Where a middleware of the security may leave what handlers ask for.
SECURITY_CONTEXT = "security_context"
# {% endif %}


class CompiledOperation:
    """Reads and checks the requests to one operation.

    ``template`` is its path with the base path of the contract.
    Raises ``ContractError`` for what could not be served as the contract says.
    """

    def __init__(
        self,
        document: dict[str, Any],
        item: dict[str, Any],
        operation: dict[str, Any],
        method: str,
        template: str,
    ) -> None:
        self.operation_id: str = operation["operationId"]
        self.method = method.upper()
        self.template = template
        self.where = where = f"{self.method} {template}"
        self.parameters = _by_argument(read_parameters(document, item, operation, where), where)
        wide = {p.name for p in self.parameters.values() if p.place == "path" and p.is_wide}
        self.pattern, self.names_in_path = path_pattern(template, wide)
        self._of = {
            place: [(name, p) for name, p in self.parameters.items() if p.place == place]
            for place in PLACES
        }
        _check_path(self.names_in_path, [p.name for _, p in self._of["path"]], where)
        self.body = None
        if "requestBody" in operation:
            self.body = Body(document, operation["requestBody"], where)
        self._headers = {parameter.name.lower().encode() for _, parameter in self._of["header"]}
        self._headers |= {b"cookie"} if self._of["cookie"] else set()
        self._headers |= HEADERS_OF_BODY if self.body else set()
        self.responses = Responses(document, operation.get("responses", {}), where)
        self.keys = _keys_of_security(document, operation, where)
        for _, parameter in self._of["query"]:
            # An object that takes any name takes no secret.
            parameter.find.others += [Find(key, str) for key in self.keys]

    # Given by ``bind``, which comes before the first request.
    handler: Handler

    def bind(self, function: Function) -> None:
        """Take the handler; raise ``ContractError`` if it does not take what the contract gives."""
        given = {
            name: Given(p.place, p.name, [p.schema], p.is_required or p.default is not ABSENT)
            for name, p in self.parameters.items()
        }
        if self.body is not None:
            given[BODY] = Given(BODY, "", self.body.given, True, not self.body.is_required)
        self.handler = Handler(function, given, self.where)

    def unchecked_formats(self) -> set[str]:
        """Return the formats of its requests that nobody checks."""
        schemas = [parameter.schema for parameter in self.parameters.values()]
        schemas += [each.schema for each in self.body.media_types.values()] if self.body else []
        return set().union(*(schema.unchecked_formats for schema in schemas))

    async def arguments(self, scope: Scope, receive: Receive) -> dict[str, Any]:
        """Return the arguments of the handler; raise the problem of a request that is refused.

        Everything that is wrong with its head is told at once, and then what is with its body.
        """
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        headers = read_headers(scope, self._headers) if self._headers else {}
        self._read("path", self._texts_of_path(scope), values, faults)
        query = read_query(scope)
        faults += self._unknown(query)
        self._read("query", query, values, faults)
        self._read("header", headers, values, faults)
        if self._of["cookie"]:
            self._read("cookie", read_cookies(headers), values, faults)
        if faults:
            refuse(faults)
        if self.body is not None:
            values[BODY] = await self.body.read(headers, receive)
        return self.handler.arguments(values, scope["extensions"].get(SECURITY_CONTEXT, {}))

    def _read(self, place: str, texts: Texts, values: dict[str, Any], faults: list[Fault]) -> None:
        for name, parameter in self._of[place]:
            try:
                value = parameter.value(texts)
            except Refused as error:
                faults.append(fault(place, parameter.name, str(error)))
                continue
            if value is not ABSENT:
                values[name] = value

    def _texts_of_path(self, scope: Scope) -> Texts:
        if not self.names_in_path:
            return {}
        if (match := self.pattern.fullmatch(raw_path(scope))) is None:
            # A slash that was percent-encoded counts as one to the router.
            raise HTTPException(404)
        return {name: [text] for name, text in zip(self.names_in_path, match.groups(), strict=True)}

    def _unknown(self, query: Texts) -> list[Fault]:
        if not query:
            return []
        known = [parameter.find.knows for _, parameter in self._of["query"]]
        unknown = [n for n in query if n not in self.keys and not any(knows(n) for knows in known)]
        return [fault("query", name, "is not known") for name in sorted(unknown)]


def _by_argument(parameters: list[Parameter], where: str) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for parameter in parameters:
        name = argument_name(parameter.name, parameter.place)
        if other := found.get(name):
            places = f"{other.place} '{other.name}' and {parameter.place} '{parameter.name}'"
            raise ContractError(f"{where}: {places} would both be the argument {name}")
        if name == BODY:
            raise ContractError(f"{where}: a parameter cannot be called {BODY}")
        found[name] = parameter
    return found


def _check_path(in_template: list[str], described: list[str], where: str) -> None:
    if missed := {*in_template} ^ {*described}:
        names = ", ".join(sorted(missed))
        raise ContractError(f"{where}: {names} must be in the path and among the parameters")


def _keys_of_security(
    document: dict[str, Any], operation: dict[str, Any], where: str
) -> frozenset[str]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    named = operation.get("security", document.get("security")) or []
    names = {name for each in named for name in each}
    if unknown := sorted(names - schemes.keys()):
        raise ContractError(f"{where}: {unknown[0]} is none of the security schemes")
    used = [follow(document, schemes[name]) for name in names]
    return frozenset(each["name"] for each in used if each.get("in") == "query")
