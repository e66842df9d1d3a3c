"""Media types, and the ranges of them that a contract has (RFC 9110, sections 8.3.1 and 12.5.1)."""

from collections.abc import Mapping
from typing import TypeVar

from werkzeug.http import parse_options_header

T = TypeVar("T")


def media_type_of(written: str) -> str:
    """Return a media type in lower case, without its parameters."""
    return parse_options_header(written)[0].lower()


def find_most_specific(by_range: Mapping[str, T], media_type: str) -> T | None:
    """Return what stands for a media type (OpenAPI 3.0.3, Request Body Object)."""
    ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
    return next((by_range[each] for each in ranges if each in by_range), None)
