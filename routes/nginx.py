"""The table as nginx reads it."""

from __future__ import annotations

from routes.table import Row, escape, make_pattern

# A page that asks what it may, goes where it wants to go.
METHOD = """\
map "$request_method $http_access_control_request_method" $operation_method {
    default $request_method;
    "~^OPTIONS (?<wanted_method>[A-Z]+)$" $wanted_method;
}
"""


def write_map(table: list[Row]) -> str:
    """Return two maps: ``$side`` is old or new, by the method and the path of a request."""
    lines = [f"    {_key(row)} {row.side};\n" for row in table]
    # What no contract has, as pages and files, is the old service's.
    head = 'map "$operation_method $uri" $side {\n    default old;\n'
    return "".join([METHOD, "\n", head, *lines, "}\n"])


def _key(row: Row) -> str:
    """Return an expression, also for a path without parameters: nginx takes texts in any case."""
    methods = row.methods[0] if len(row.methods) == 1 else f"({'|'.join(row.methods)})"
    return f'"~^{methods} {make_pattern(row.path, escape)}"'
