"""What is checked of the formats that OpenAPI and JSON Schema name."""

from typing import Any

import pytest

from app.standard.validation.schema import Schema

HTML = {"type": ["string", "null"], "contentMediaType": "text/html", "maxLength": 3}


@pytest.mark.parametrize(("value", "is_valid"), [("<p>", True), (None, True), ("<div>", False)])
def test_text_with_a_media_type_is_no_file_outside_forms(value: Any, is_valid: bool) -> None:
    schema = Schema.of({"openapi": "3.1.0"}, HTML, "here", "readOnly")

    assert schema.is_valid(value) is is_valid
