"""Whether a client has seen what it changes, or has what it asks for (RFC 9110, section 13)."""

import re
from hashlib import sha256

from app.standard.http.errors import ServiceError
from app.standard.http.serialization import to_json

# What stands between the quotes of a tag, which may hold commas (RFC 9110, section 8.8.3).
OPAQUE_TAGS = re.compile(r'"([^"]*)"')


class PreconditionFailed(ServiceError):
    """What a client would change is not what it has seen."""

    status = 412


class PreconditionRequired(ServiceError):
    """A client would change what it may not have seen (RFC 6585, section 3)."""

    status = 428


def etag_of(representation: object) -> str:
    """Return the strong tag of what a handler returns: it changes when that does, and only then."""
    return f'"{sha256(to_json(representation)).hexdigest()[:32]}"'


def require_match(if_match: str | None, etag: str) -> None:
    """Raise unless ``If-Match`` is there and names the tag (RFC 9110, section 13.1.1).

    A weak tag counts too: it is what compression made of a strong one, and changes with it.
    """
    if if_match is None:
        raise PreconditionRequired("This needs If-Match, with the ETag of what it changes.")
    if not is_match(if_match, etag):
        raise PreconditionFailed("It has changed since it was read: read it again.")


def is_match(field: str | None, etag: str) -> bool:
    """Tell whether ``If-Match`` or ``If-None-Match`` names the tag, weak or not, or any (``*``)."""
    return field is not None and (
        field.strip() == "*" or etag.strip('"') in OPAQUE_TAGS.findall(field)
    )
