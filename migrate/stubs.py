"""Operations whose functions were not found: functions that refuse to run stand for them."""

from __future__ import annotations

import re

from migrate.marking import REFUSAL, Mark
from migrate.moving import Moved
from migrate.operations import Operation
from migrate.places import HANDLERS, UNMOVED
from migrate.reasons import explain
from migrate.source import Source


def require_functions(source: Source, operations: list[Operation]) -> None:
    """Forget where an operation's function is said to be, if it is not there."""
    for each in operations:
        text = source.modules[each.module].text if each.module else ""
        if not re.search(rf"^(async )?def {re.escape(each.function)}\(", text, re.M):
            each.function = f"{each.module}.{each.function}".lstrip(".")
            each.module = ""


def write_stubs(moved: Moved, operations: list[Operation]) -> set[str]:
    """Write functions for operations that have none; return their names."""
    lines = ['"""Operations whose functions were not found."""', "from typing import Any"]
    names = set()
    for number, each in enumerate(each for each in operations if not each.module):
        name = f"operation_{number + 1}"
        moved.ids[id(each.spec)] = f"{HANDLERS}.{UNMOVED}.{name}"
        names.add(moved.ids[id(each.spec)])
        lines += [
            f"\n{Mark(each.function, explain('', 'handler'))}",
            f"async def {name}(**_arguments: Any) -> Any:",
            f'    """Answer {each.where}."""',
            f"    {REFUSAL}",
        ]
    if names:
        moved.texts[f"{HANDLERS}.{UNMOVED}"] = "\n".join([*lines, ""])
    return names
