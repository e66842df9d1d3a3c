"""The table as nginx reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from routes.contracts import Operation

# HEAD goes where GET goes, and a page that asks what it may, where it wants to go.
METHOD = """\
map "$request_method $http_access_control_request_method" $operation_method {
    default $request_method;
    "~^HEAD " GET;
    "~^OPTIONS (?<wanted_method>[A-Z]+)$" $wanted_method;
}
"""


def write_map(sides: Mapping[Operation, str]) -> str:
    """Return two maps: ``$side`` is old or new, by the method and the path of a request."""
    table = sorted(sides, key=lambda operation: operation.order)
    lines = [f"    {_key(operation)} {sides[operation]};\n" for operation in table]
    # What no contract has, as pages and files, is the old service's.
    head = 'map "$operation_method $uri" $side {\n    default old;\n'
    return "".join([METHOD, "\n", head, *lines, "}\n"])


def _key(operation: Operation) -> str:
    """Return an expression, also for a path without parameters: nginx takes texts in any case."""
    pattern = "[^/]+".join(map(re.escape, operation.path.split("{}")))
    return f'"~^{operation.method} {pattern}$"'
