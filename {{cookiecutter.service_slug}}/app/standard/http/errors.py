"""The failures that a client may know of; problems.py answers them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class ServiceError(Exception):
    """A failure that the client may know of; a subclass sets its status, and may set the rest.

    The message becomes the problem's detail; extensions become members of the problem (RFC 9457,
    section 3.2).
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = ""
    headers: Mapping[str, str] = MappingProxyType({})
    extensions: Mapping[str, object] = MappingProxyType({})


class ServiceUnavailable(ServiceError):
    """The service cannot do it now, and may be asked again."""

    status = 503
    headers = MappingProxyType({"Retry-After": "1"})
