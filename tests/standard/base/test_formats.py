"""What is checked of the formats that OpenAPI and JSON Schema name."""

from typing import Any

import pytest

from app.standard.validation import formats
from app.standard.validation.schema import Schema

VERSIONS = ("3.0.3", "3.1.0")
HTML = {"type": ["string", "null"], "contentMediaType": "text/html", "maxLength": 3}
UUID = "2eb8aa08-aa98-11ea-b4aa-73b441d16380"
# Good texts, and bad ones.
TEXTS: dict[str, tuple[list[Any], list[Any]]] = {
    # OpenAPI 3.0.3, Data Types.
    "byte": (["", "QQ==", "QUJD"], ["QQ", "QUJD\n", "QU-_"]),
    # JSON Schema 2020-12 (Validation), section 7.3; its subsections in their order.
    "date-time": (
        ["2024-02-29T12:00:00Z", "2024-02-29t12:00:00.123456789+05:30", "2016-12-31T23:59:60Z"],
        ["2023-02-29T12:00:00Z", "2024-02-29T12:00:00", "2024-02-29 12:00:00Z", "2024-02-29"],
    ),
    "date": (["2024-02-29"], ["2023-02-29", "2024-2-9", "2024-02-29T12:00:00Z"]),
    "time": (["12:00:00Z", "12:00:00.5-01:00"], ["12:00:00", "12:00Z", "24:00:00Z"]),
    "duration": (["P1DT12H", "P2W"], ["P", "P1Y2W", "P1.5D", "-P1D"]),
    "email": (
        ["ann@example.org", "ann@localhost", "ann@[127.0.0.1]"],
        ["ann", "ann@", "a..b@example.org", "Ann <ann@example.org>", "änn@example.org"],
    ),
    "idn-email": (["änn@münchen.example"], ["änn", "Änn <änn@münchen.example>"]),
    "hostname": (
        ["localhost", "xn--mnchen-3ya.example"],
        ["-a", "a_b", "example.org.", "münchen.example", "a" * 64],
    ),
    "idn-hostname": (["münchen.example"], ["a_b"]),
    "ipv4": (["127.0.0.1"], ["127.1", "256.0.0.1", "0127.0.0.1"]),
    "ipv6": (["::1", "::ffff:1.2.3.4"], ["[::1]", "fe80::1%eth0", ":::1"]),
    "uri": (["https://example.org/a?b#c", "urn:a:b"], ["/a", "https://a b", "https://ä"]),
    "uri-reference": (["/a", "https://example.org"], ["ä", "\\a"]),
    "iri": (["https://ä.example/ö"], ["/ö"]),
    "iri-reference": (["/ö"], ["\\ö"]),
    "uuid": ([UUID, UUID.upper()], [UUID.replace("-", ""), f"urn:uuid:{UUID}"]),
    "uri-template": (["/a/{b}", "/a"], ["/a/{b", "a b"]),
    "json-pointer": (["", "/a/0", "/~1"], ["a", "/~2", "#/a"]),
    "relative-json-pointer": (["0/a", "1#"], ["/a", "-1"]),
    "regex": (["^a+$", r"(?<=a)\p{L}"], ["(", r"\Z", "(?P<a>b)"]),
}
# Good values, and bad ones.
NUMBERS: dict[str, tuple[list[Any], list[Any]]] = {
    "int32": ([2**31 - 1, -(2**31)], [2**31, -(2**31) - 1]),
    "int64": ([2**63 - 1, -(2**63)], [2**63, -(2**63) - 1]),
    "float": ([3.4028234663852886e38, 0.1], [3.5e38, -3.5e38]),
    # Any that Python can hold; a request that has others is refused as it is read.
    "double": ([1.7976931348623157e308], []),
}
CASES = [
    (name, "string" if name in TEXTS else "number", value, is_valid)
    for name, (good, bad) in (TEXTS | NUMBERS).items()
    for is_valid, values in ((True, good), (False, bad))
    for value in values
]


def schema(version: str, **keywords: Any) -> Schema:
    return Schema.of({"openapi": version}, keywords, "here", "readOnly")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("name", "kind", "value", "is_valid"), CASES)
def test_format_is_checked(version: str, name: str, kind: str, value: Any, is_valid: bool) -> None:
    assert schema(version, type=kind, format=name).is_valid(value) is is_valid


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["binary", "password", "path", "phone"])
def test_any_text_is_of_a_format_that_only_tells_what_is_meant(version: str, name: str) -> None:
    compiled = schema(version, type="string", format=name)

    assert compiled.is_valid("\x7f Ä")
    assert compiled.unchecked_formats == ({name} - formats.ANY_TEXT)


@pytest.mark.parametrize("name", sorted(formats.CHECKED | formats.BOUNDS.keys()))
def test_format_does_not_ask_for_a_type(name: str) -> None:
    compiled = schema("3.1.0", format=name)

    assert compiled.is_valid(True)
    assert compiled.is_valid(0 if name in TEXTS else "a")


def test_every_format_is_in_a_table() -> None:
    assert TEXTS.keys() == formats.CHECKED
    assert NUMBERS.keys() == formats.BOUNDS.keys()


@pytest.mark.parametrize(("value", "is_valid"), [("<p>", True), (None, True), ("<div>", False)])
def test_text_with_a_media_type_is_no_file_outside_forms(value: Any, is_valid: bool) -> None:
    assert schema("3.1.0", **HTML).is_valid(value) is is_valid
