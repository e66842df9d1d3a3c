"""The formats of the contract: what is checked of each, and of which nothing is.

jsonschema-rs checks those of JSON Schema 2020-12 (section 7.3); these are OpenAPI's own.
"""

import re
from typing import Any

from jsonschema_rs import EmailOptions

# RFC 4648, section 4.
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
BOUNDS: dict[str, dict[str, Any]] = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
    # IEEE 754, binary32.
    "float": {"minimum": -3.4028234663852886e38, "maximum": 3.4028234663852886e38},
    # Python's own numbers; what is larger is refused as it is read.
    "double": {},
}
# They tell how a text is meant; any text is one.
ANY_TEXT = frozenset({"binary", "password", "path"})
JSON_SCHEMA_FORMATS = frozenset(
    [
        "date",
        "date-time",
        "duration",
        "email",
        "hostname",
        "idn-email",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "iri",
        "iri-reference",
        "json-pointer",
        "regex",
        "relative-json-pointer",
        "time",
        "uri",
        "uri-reference",
        "uri-template",
        "uuid",
    ]
)


def is_base64(text: str) -> bool:
    """Tell whether a text is base64 (OpenAPI's ``byte``)."""
    return BASE64.fullmatch(text) is not None


# A mailbox (RFC 5321, section 4.1.2) has no name of its owner before it.
EMAIL = EmailOptions(allow_display_text=False)
CHECKS = {"byte": is_base64}
CHECKED = JSON_SCHEMA_FORMATS | CHECKS.keys()
