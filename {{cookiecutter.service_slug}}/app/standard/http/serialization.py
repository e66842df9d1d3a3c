"""Handler results as JSON."""

from decimal import Decimal
from uuid import UUID

import orjson


def to_json(data: object) -> bytes:
    """Encode plain data and dataclasses; dates as ISO 8601, decimals as text."""
    return orjson.dumps(data, default=_encode)


def _encode(value: object) -> object:
    # orjson writes a UUID by itself, but no subclass of it, as drivers have.
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
