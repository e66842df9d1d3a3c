"""Checks of request parameters that Connexion does not make, or does not explain."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionRequest
from connexion.validators.parameter import ParameterValidator as ConnexionParameterValidator
from jsonschema import Draft4Validator
from starlette.datastructures import QueryParams

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# RFC 3339, section 5.6: the offset is required.
DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def init_app(_service: object) -> None:
    """Make Connexion check the formats ``date``, ``date-time`` and ``uuid`` of the contract."""
    checker = Draft4Validator.FORMAT_CHECKER
    checker.checks("date", raises=ValueError)(_is_date)
    checker.checks("date-time", raises=ValueError)(_is_date_time)
    checker.checks("uuid")(_is_uuid)


def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(DATE.fullmatch(value) and date.fromisoformat(value))


def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    value = value.upper()
    return bool(DATE_TIME.fullmatch(value) and datetime.fromisoformat(value))


def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(UUID.fullmatch(value))


class ParameterValidator(ConnexionParameterValidator):
    """Reports every bad parameter of a request by its name, not only the first."""

    def validate_request(self, request: ConnexionRequest) -> None:
        """Raise one 400 problem that lists all parameters that break the contract."""
        errors = [*self._unknown(request), *self._repeated(request), *self._invalid(request)]
        if errors:
            detail = "; ".join(f"{e['in']} parameter '{e['name']}' {e['detail']}" for e in errors)
            raise ProblemException(status=400, detail=detail, ext={"errors": errors})

    def _unknown(self, request: ConnexionRequest) -> Iterator[dict[str, str]]:
        if self.strict_validation:
            unknown = self.validate_query_parameter_list(request, self.security_query_params)
            for name in sorted(unknown):
                yield {"in": "query", "name": name, "detail": "is not known"}

    def _repeated(self, request: ConnexionRequest) -> Iterator[dict[str, str]]:
        # Connexion would take the last value and drop the others.
        given = QueryParams(request.scope["query_string"])
        for parameter in self.parameters.get("query", []):
            is_list = _schema(parameter).get("type") == "array" and parameter.get("explode", True)
            if not is_list and len(given.getlist(parameter["name"])) > 1:
                detail = "is given more than once"
                yield {"in": "query", "name": parameter["name"], "detail": detail}

    def _invalid(self, request: ConnexionRequest) -> Iterator[dict[str, str]]:
        checks = {
            "query": self.validate_query_parameter,
            "path": self.validate_path_parameter,
            "header": self.validate_header_parameter,
            "cookie": self.validate_cookie_parameter,
        }
        for place, check in checks.items():
            for parameter in self.parameters.get(place, []):
                error = check(parameter, request)
                if error:
                    detail = _explain(error, _schema(parameter))
                    yield {"in": place, "name": parameter["name"], "detail": detail}


def _schema(parameter: dict[str, Any]) -> dict[str, Any]:
    # A parameter with a media type has none of its own (OpenAPI 3.0.3, section 4.7.12).
    schema: dict[str, Any] = parameter.get("schema", {})
    return schema


def _explain(error: str, schema: dict[str, Any]) -> str:
    if error.startswith("Missing"):
        return "is missing"
    wanted = " ".join(str(schema[key]) for key in ("format", "type") if key in schema)
    if "enum" in schema:
        wanted = "one of " + ", ".join(map(str, schema["enum"]))
    # Connexion appends a dump of the schema after an empty line.
    return f"must be {wanted}: {error.split(chr(10))[0]}"
