"""Pages of lists, and tags of what is read and changed."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from app.standard.http import Cursor, etag_of, is_match, next_page, require_match
from app.standard.http.pages import query_string, write_cursor
from app.standard.http.preconditions import PreconditionFailed, PreconditionRequired

ID = UUID("6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a01")
DAY = date(2026, 1, 2)
POSITIONS: TypeAdapter[Any] = TypeAdapter(Cursor[tuple[str, UUID]])


@pytest.mark.parametrize("name", ["", "Alder", "é ? & > \\u0000 木", "a" * 200])
def test_values_of_a_cursor_are_read_as_they_were_written(name: str) -> None:
    assert POSITIONS.validate_python(write_cursor(name, ID)) == (name, ID)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Cursor[int], 10), (Cursor[str], "[]"), (Cursor[UUID], ID), (Cursor[date], DAY)],
)
def test_one_value_needs_no_tuple(kind: Any, value: object) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)

    assert adapter.validate_python(write_cursor(value)) == value
    for other in (write_cursor(), write_cursor(value, value), write_cursor([value]), "MQ"):
        with pytest.raises(ValidationError):
            adapter.validate_python(other)


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "é", "====", "AAAA", "bnVsbA", "MQ", "e30"),
        *(write_cursor("a"), write_cursor("a", ID, 1), write_cursor("a", "b"), write_cursor(1, ID)),
        write_cursor("\0", ID),
    ],
)
def test_other_cursors_are_refused(cursor: str) -> None:
    with pytest.raises(ValidationError):
        POSITIONS.validate_python(cursor)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        (b"", ""),
        (b"limit=2", "limit=2&"),
        (b"a=x%2Cy,z&cursor=old&b=1", "a=x%2Cy,z&b=1&"),
        (b"%63ursor=old", ""),
        (b'a="<>"; rel="prev"', "a=%22%3C%3E%22;%20rel=%22prev%22&"),
        (b"a=\xff", "a=%C3%BF&"),
    ],
)
def test_next_page_has_the_query_with_another_cursor(query: bytes, kept: str) -> None:
    query_string.set(query)

    link = next_page("Alder", ID)["Link"]

    assert link == f'<?{kept}cursor={write_cursor("Alder", ID)}>; rel="next"'


def test_tag_is_that_of_what_is_told() -> None:
    assert etag_of({"a": 1}) == etag_of({"a": 1}) != etag_of({"a": 2})
    assert etag_of([ID]) == etag_of([str(ID)])


@pytest.mark.parametrize(
    ("field", "matches"),
    [
        *(('"a"', True), ('W/"a"', True), ('"b", W/"a"', True), ("*", True)),
        *(('"b"', False), ("a", False), ("", False), ('"a, b"', False), (None, False)),
    ],
)
def test_field_names_a_tag(field: str | None, matches: bool) -> None:
    assert is_match(field, '"a"') is matches


def test_change_wants_the_tag() -> None:
    require_match('"a"', '"a"')
    with pytest.raises(PreconditionRequired):
        require_match(None, '"a"')
    with pytest.raises(PreconditionFailed):
        require_match('"b"', '"a"')
