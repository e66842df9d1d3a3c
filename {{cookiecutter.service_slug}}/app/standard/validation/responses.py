"""Whether a response is what the contract says; for development and tests."""

from collections.abc import Mapping
from typing import Any

import orjson

from app.standard.http import ServiceError
from app.standard.validation.media_ranges import find_most_specific, media_type_of
from app.standard.validation.parameters import Parameter, Refused, compile_parameter
from app.standard.validation.references import follow
from app.standard.validation.schema import Schema


class ContractBroken(ServiceError):
    """A response is not what the contract says."""

    status = 500
    title = "The response breaks the contract"


class Responses:
    """The responses of an operation, by their status."""

    def __init__(self, document: dict[str, Any], specs: dict[Any, Any], where: str) -> None:
        self.where = where
        self.statuses = {
            str(status).upper(): _Response(document, follow(document, spec), f"{where}, {status}")
            for status, spec in specs.items()
            if not str(status).startswith("x-")
        }

    def check(self, status: int, headers: Mapping[str, str], body: bytes | None) -> None:
        """Raise ``ContractBroken`` for a response that is not; of a stream, there is no body."""
        if not self.statuses:
            return  # OpenAPI 3.1 may say nothing.
        names = (str(status), f"{status // 100}XX", "DEFAULT")
        found = next((self.statuses[name] for name in names if name in self.statuses), None)
        if found is None:
            raise ContractBroken(f"{self.where}: it has no status {status}.")
        found.check({name.lower(): value for name, value in headers.items()}, body)


class _Response:
    def __init__(self, document: dict[str, Any], spec: dict[str, Any], where: str) -> None:
        self.where = where
        self.schemas = {
            media_type_of(name): Schema.of(
                document, each.get("schema", {}), f"{where} {name}", "writeOnly"
            )
            for name, each in spec.get("content", {}).items()
        }
        self.headers = [
            _header(document, name, follow(document, each), where)
            for name, each in spec.get("headers", {}).items()
            # That is said by the content (OpenAPI 3.0.3, Response Object).
            if name.lower() != "content-type"
        ]

    def check(self, headers: Mapping[str, str], body: bytes | None) -> None:
        texts = {name: [value] for name, value in headers.items()}
        for header in self.headers:
            try:
                header.value(texts)
            except Refused as error:
                raise ContractBroken(f"{self.where}: header {header.name} {error}.") from None
        if not self.schemas:
            return
        name = media_type_of(headers.get("content-type", ""))
        schema = find_most_specific(self.schemas, name)
        if schema is None:
            wanted = ", ".join(self.schemas)
            raise ContractBroken(
                f"{self.where}: its Content-Type is {name or 'none'}, not {wanted}."
            )
        if body is not None and "json" in name:
            try:
                errors = schema.errors(orjson.loads(body))
            except orjson.JSONDecodeError:
                raise ContractBroken(f"{self.where}: it is no JSON.") from None
            found = "; ".join(f"{where or 'it'} {message}" for where, message, _ in errors)
            if found:
                raise ContractBroken(f"{self.where}: {found}.")


def _header(document: dict[str, Any], name: str, spec: Any, where: str) -> Parameter:
    return compile_parameter(
        document, {**spec, "in": "header", "name": name}, f"{where}, header '{name}'", "writeOnly"
    )
