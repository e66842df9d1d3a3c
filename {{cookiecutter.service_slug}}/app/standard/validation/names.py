"""From the name of a parameter to that of the argument that its handler gets."""

import keyword
import re

BODY = "body"


def argument_name(name: str, place: str) -> str:
    """Return the name of the argument.

    A name of Python's stays as it is. In others, a run of what Python does not take becomes ``_``,
    or nothing at the end; a digit at the start gets a ``_`` before it, a keyword one behind it.
    Headers are in lower case.
    """
    if place == "header":
        name = name.lower()
    if not name.isidentifier():
        name = re.sub(r"\W+", "_", name).rstrip("_") or "_"
    if name[0].isdigit():
        name = f"_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name
