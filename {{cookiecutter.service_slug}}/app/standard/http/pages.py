"""Pages of a list: where one ends, as an opaque text, and the link to the next (RFC 8288)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextvars import ContextVar
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, unquote_plus

import orjson
from pydantic import (
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from app.standard.http.serialization import to_json

# What may stand in a query as it is (RFC 3986, section 3.4), and what is encoded already.
QUERY = "%!$&'()*+,;=:@/?-._~"
T = TypeVar("T")
# Of the current request, as it was sent.
query_string: ContextVar[bytes] = ContextVar("query_string", default=b"")


def write_cursor(*values: object) -> str:
    """Return the values by which a list is ordered as a text that a query can have."""
    return urlsafe_b64encode(to_json(values)).decode().rstrip("=")


def _read(cursor: Any, convert: ValidatorFunctionWrapHandler) -> Any:
    values = _values(cursor)
    try:
        return convert(values)
    except ValidationError:
        # One value stands for itself, where the type is no tuple.
        if len(values) != 1:
            raise
    return convert(values[0])


def _values(cursor: Any) -> Any:
    try:
        values = orjson.loads(urlsafe_b64decode(f"{cursor}=="))
        # No text that is stored has them, and none can be compared with one.
        has_nul = any("\0" in str(value) for value in values)
    except (TypeError, ValueError):
        has_nul, values = True, None
    if has_nul:
        raise PydanticCustomError("cursor", "is none that this list gave")
    return values


# The type of a handler's parameter, as Cursor[tuple[str, UUID]] or Cursor[UUID]: it gets the values.
Cursor = Annotated[T, WrapValidator(_read), WithJsonSchema({"type": "string"})]


def next_page(*values: object) -> dict[str, str]:
    """Return the header that leads to the page behind these values, by the ``cursor`` in its query.

    The address has only a query, so that no prefix of a proxy is missing (RFC 3986, section 5.2).
    """
    parts = query_string.get().decode("latin-1").split("&")
    kept = [part for part in parts if part and unquote_plus(part.split("=")[0]) != "cursor"]
    query = quote("&".join([*kept, f"cursor={write_cursor(*values)}"]), safe=QUERY)
    return {"Link": f'<?{query}>; rel="next"'}
