"""The state of a service: which template it is from, at which commit, with which answers."""

from __future__ import annotations

import json
from typing import Any

STATE = ".cruft.json"

Answers = dict[str, Any]


def dump(state: Answers) -> str:
    """Return the text of a ``.cruft.json``, as cruft writes it."""
    return json.dumps(state, ensure_ascii=False, indent=2, separators=(",", ": ")) + "\n"
