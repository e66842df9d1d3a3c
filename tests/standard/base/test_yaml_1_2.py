from typing import Any

import pytest
from yaml import YAMLError

from app.standard.contract.yaml_1_2 import read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("2026-01-01", "2026-01-01"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("-5", -5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("True", True),
        ("~", None),
        ("", None),
        ('"5"', "5"),
        ("[a, {b: 1}]", ["a", {"b": 1}]),
        ("a: &a { x: 1 }\nb: { <<: *a, y: 2 }", {"a": {"x": 1}, "b": {"x": 1, "y": 2}}),
    ],
)
def test_scalar_is_what_yaml_1_2_says(text: str, value: Any) -> None:
    assert read_yaml(text) == value


@pytest.mark.parametrize(
    "text", ["a: 1\nb: 2\na: 3", "{ a: 1, a: 1 }", "[", "!!python/name:os.system"]
)
def test_text_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(YAMLError):
        read_yaml(text)
