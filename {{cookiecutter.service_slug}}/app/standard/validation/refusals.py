"""What a client is told of a request that the contract does not allow."""

from collections.abc import Iterable
from typing import Any, NoReturn

from app.standard.http import ServiceError
from app.standard.validation.schema import MAX_ERRORS

Fault = dict[str, str]
# Deeper than people nest, and not so deep that a check of it ends the stack.
MAX_DEPTH = 64


class InvalidRequest(ServiceError):
    """The request is not as the contract says."""

    status = 400

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{_subject(each)} {each['detail']}" for each in faults))
        self.faults = faults
        self.extensions = {"errors": faults}


def fault(place: str, name: str, detail: str) -> Fault:
    """Return an entry of a problem's ``errors``."""
    return {"in": place, "name": name, "detail": detail}


def refuse(faults: Iterable[Fault]) -> NoReturn:
    """Raise the 400 that names everything that is wrong."""
    raise InvalidRequest(list(faults)[:MAX_ERRORS])


def _subject(fault: Fault) -> str:
    return f"{fault['in']} '{fault['name']}'" if fault["name"] else f"The {fault['in']}"


def refuse_body(detail: str) -> NoReturn:
    """Raise the 400 of a body that is not there, or cannot be read."""
    refuse([fault("body", "", detail)])


def fault_of(value: Any, depth: int = MAX_DEPTH) -> str | None:
    """Return what is wrong with a value, whatever its schema says."""
    if isinstance(value, str) and "\0" in value:
        return "has a NUL character"
    if not isinstance(value, dict | list):
        return None
    if depth == 0:
        return f"is nested more than {MAX_DEPTH} times"
    items = [*value, *value.values()] if isinstance(value, dict) else value
    return next(filter(None, (fault_of(item, depth - 1) for item in items)), None)
