"""The table as Traefik reads it, from a file."""

from __future__ import annotations

from routes.table import Row, escape, make_pattern

# Rules see these in a path as they came, percent-encoded or not, and all others decoded.
RESERVED = frozenset(":?#[]@!$&'()*+,;=%")
WANTED = "Access-Control-Request-Method"
SERVICE = """\
    {side}:
      loadBalancer:
        servers:
          - url: "{address}"
"""
ROUTER = """\
    {name}:
      rule: >-
        {rule}
      priority: {priority}
      service: {side}
"""


def write_configuration(table: list[Row], addresses: dict[str, str]) -> str:
    """Return services at the addresses of the sides, and a router for each row."""
    services = [SERVICE.format(side=side, address=addresses[side]) for side in ("old", "new")]
    # What no contract has, as pages and files, is the old service's.
    rest = ROUTER.format(name="all else", rule="PathPrefix(`/`)", priority=1, side="old")
    routers = [
        ROUTER.format(
            name=f"{row.methods[0]} {row.path}",
            rule=_rule(row),
            # By itself it would be the length of the rule.
            priority=priority,
            side=row.side,
        )
        for priority, row in zip(range(len(table) + 1, 1, -1), table, strict=True)
    ]
    return "".join(["http:\n  services:\n", *services, "  routers:\n", *routers, rest])


def _rule(row: Row) -> str:
    methods = " || ".join(map(_method, row.methods))
    # Of a page that asks what it may.
    wanted = f"Method(`OPTIONS`) && HeaderRegexp(`{WANTED}`, `^({'|'.join(row.methods)})$`)"
    return f"PathRegexp(`^{make_pattern(row.path, _write)}`) && ({methods}\n        || ({wanted}))"


def _method(method: str) -> str:
    if method == "OPTIONS":
        return f"(Method(`OPTIONS`) && !HeaderRegexp(`{WANTED}`, `^[A-Z]+$`))"
    return f"Method(`{method}`)"


def _write(character: str) -> str:
    if character in RESERVED:
        return f"({escape(character)}|%{ord(character):02X})"
    return escape(character)
