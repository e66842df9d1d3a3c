"""Checks of requests that Connexion does not make, or does not explain."""

import json
import math
import re
from collections.abc import AsyncGenerator, Iterator
from itertools import islice
from typing import Any

import orjson
from connexion.datastructures import MediaTypeDict
from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionRequest
from connexion.validators.abstract import AbstractRequestBodyValidator
from connexion.validators.form_data import FormDataValidator, MultiPartFormDataValidator
from connexion.validators.json import JSONRequestBodyValidator
from connexion.validators.parameter import ParameterValidator
from starlette.datastructures import MutableHeaders, QueryParams
from starlette.formparsers import MultiPartException
from starlette.types import Scope

# Deeper than people nest, and not so deep that a check of it ends Python's stack.
MAX_DEPTH = 64
MAX_ERRORS = 20
# What writers of JSON, and most that store numbers, take.
INTEGERS = range(-(2**63), 2**63)
LONG_NUMBER = re.compile(rb"[0-9]{19}")
# RFC 9110, section 8.3.1, but for a slash in a parameter, at which Connexion fails.
MEDIA_TYPE = re.compile(r"([\w!#$%&'*+.^`|~-]+/[\w!#$%&'*+.^`|~-]+)[ \t]*((?:;[^/]*)?)", re.ASCII)
CHARSET = re.compile(r";[ \t]*charset=(\"?)([^;\"]*)\1", re.IGNORECASE)

Errors = Iterator[dict[str, str]]


def _refuse_if_any(errors: Errors) -> None:
    found = list(islice(errors, MAX_ERRORS))
    if found:
        detail = "; ".join(f"{error['in']} '{error['name']}' {error['detail']}" for error in found)
        raise ProblemException(status=400, detail=detail, ext={"errors": found})


class _ParameterValidator(ParameterValidator):
    """Reports every bad parameter of a request by its name, not only the first."""

    def validate_request(self, request: ConnexionRequest) -> None:
        _normalize_content_type(MutableHeaders(scope=request.scope))
        try:
            # Connexion's reader of nested parameters (style deepObject) fails at some.
            _ = request.query_params
        except (AttributeError, LookupError, RecursionError, TypeError):
            raise ProblemException(status=400, detail="The query is unreadable.") from None
        _refuse_if_any(self._bad_parameters(request))

    @staticmethod
    def validate_parameter(
        parameter_type: str, value: Any, param: dict[str, Any], param_name: str | None = None
    ) -> str | None:
        error: str | None = _fault_of(value) or ParameterValidator.validate_parameter(
            parameter_type, value, param, param_name
        )
        return error

    def _bad_parameters(self, request: ConnexionRequest) -> Errors:
        for name in sorted(self.validate_query_parameter_list(request, self.security_query_params)):
            yield {"in": "query", "name": name, "detail": "is not known"}
        # Connexion would take the last value and drop the others.
        given = QueryParams(request.scope["query_string"])
        for parameter in self.parameters["query"]:
            is_list = parameter.get("schema", {}).get("type") == "array"
            is_repeated = len(given.getlist(parameter["name"])) > 1
            if is_repeated and not (is_list and parameter.get("explode", True)):
                yield {"in": "query", "name": parameter["name"], "detail": "is given twice"}
        for place in ("query", "path", "header", "cookie"):
            check = getattr(self, f"validate_{place}_parameter")
            for parameter in self.parameters[place]:
                if error := check(parameter, request):
                    detail = _explain(error, parameter)
                    yield {"in": place, "name": parameter["name"], "detail": detail}


def _normalize_content_type(headers: MutableHeaders) -> None:
    # Connexion looks for a type as it is written, and validates no body of one in capitals.
    if (given := headers.get("content-type")) is not None:
        match, charset = MEDIA_TYPE.fullmatch(given), CHARSET.search(given)
        if match is None or (charset and charset[2].lower() not in ("utf-8", "us-ascii")):
            raise ProblemException(status=415, detail="The Content-Type must be one, in UTF-8.")
        headers["content-type"] = match[1].lower() + CHARSET.sub("", match[2])


def _explain(error: str, parameter: dict[str, Any]) -> str:
    if error.startswith("Missing"):
        return "is missing"
    # A parameter with a media type has none of its own (OpenAPI 3.0.3, section 4.7.12).
    schema = parameter.get("schema", {})
    wanted = " ".join(str(schema[key]) for key in ("format", "type") if key in schema)
    if "enum" in schema:
        wanted = "one of " + ", ".join(map(str, schema["enum"]))
    # Connexion appends a dump of the schema after an empty line.
    return f"must be {wanted}: {error.split(chr(10))[0]}"


class _BodyValidator(AbstractRequestBodyValidator):
    """Reports what is bad in a body by its place (RFC 6901), and what cannot be read at all."""

    _validator: Any

    async def _parse(self, stream: AsyncGenerator[bytes, None], scope: Scope) -> Any:
        try:
            return await super()._parse(stream, scope)
        except (LookupError, MultiPartException, RecursionError, ValueError) as error:
            raise ProblemException(status=400, detail=f"The body is unreadable: {error}") from None

    def _validate(self, body: Any) -> None:
        # Connexion has refused a missing body that is required; it would refuse any other too.
        if body is not None:
            _refuse_if_any(self._bad_places(body))

    def _bad_places(self, body: Any) -> Errors:
        if fault := _fault_of(body):
            yield {"in": "body", "name": "", "detail": fault}
            return
        if isinstance(self, FormDataValidator):
            self._schema = {"additionalProperties": False, **self._schema}
        for error in self._validator.iter_errors(body):
            place = "".join(f"/{part}" for part in error.absolute_path)
            yield {"in": "body", "name": place, "detail": error.message[:200]}


def _fault_of(value: Any, depth: int = MAX_DEPTH) -> str | None:
    """Return what is wrong with a value, whatever its schema says."""
    if isinstance(value, str) and "\0" in value:
        return "has a NUL character"
    if isinstance(value, int) and value not in INTEGERS:
        return "has an integer of more than 64 bits"
    if isinstance(value, float) and not math.isfinite(value):
        return "has a number that is not finite"
    if not isinstance(value, dict | list):
        return None
    if depth == 0:
        return f"is nested more than {MAX_DEPTH} times"
    items = [*value, *value.values()] if isinstance(value, dict) else value
    return next(filter(None, (_fault_of(item, depth - 1) for item in items)), None)


class _JsonReader(JSONRequestBodyValidator):
    async def _parse(self, stream: AsyncGenerator[bytes, None], scope: Scope) -> Any:
        # Python's own reader fails at depth and at long numbers, and takes NaN.
        body = b"".join([chunk async for chunk in stream])
        value = orjson.loads(body) if body else None
        # orjson makes a float of what is an integer to the handler.
        if LONG_NUMBER.search(body) and (fault := _fault_of(json.loads(body))):
            raise ValueError(fault)
        return value


class _JsonValidator(_BodyValidator, _JsonReader):
    """Checks JSON."""


class _FormValidator(_BodyValidator, FormDataValidator):
    """Checks the fields of a form without files."""


class _MultipartValidator(_BodyValidator, MultiPartFormDataValidator):
    """Checks the fields of a form whose parts may be files."""


VALIDATORS = {
    "parameter": _ParameterValidator,
    "body": MediaTypeDict(
        {
            "*/*json": _JsonValidator,
            "application/x-www-form-urlencoded": _FormValidator,
            "multipart/form-data": _MultipartValidator,
        }
    ),
}
