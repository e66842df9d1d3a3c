"""A path is taken apart as it was sent, behind any prefix."""

from typing import Any

import pytest

from app.standard.validation.head import raw_path


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        ({"path": "/a/é,b", "raw_path": b"/a/%C3%A9%2Cb?c=d"}, "/a/%C3%A9%2Cb"),
        ({"path": "/a/é,b"}, "/a/%C3%A9,b"),
        ({"path": "/p/a", "raw_path": b"/p/a", "root_path": "/p"}, "/a"),
        ({"path": "/é/a", "raw_path": b"/%c3%a9/a", "root_path": "/é"}, "/a"),
        # As uvicorn has it, which puts the prefix there as it is.
        ({"path": "/%20/a b", "raw_path": b"/%20/a%20b", "root_path": "/%20"}, "/a%20b"),
        ({"path": "/prefix", "raw_path": b"/prefix", "root_path": "/pre"}, "/prefix"),
    ],
)
def test_path_is_as_it_was_sent(scope: dict[str, Any], path: str) -> None:
    assert raw_path(scope) == path
