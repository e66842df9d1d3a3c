"""What the files of a service tell of the answers that it was made with."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

VARIABLE = re.compile(r"\{\{ *cookiecutter\.(\w+) *\}\}")
# With less around it, an answer could be any line.
LETTERS = 3


def learn(sources: Mapping[str, str], read: Callable[[str], bytes | None]) -> dict[str, list[str]]:
    """Return for each answer its values, that of most places first.

    The sources are files of the template that are not rendered, by their paths; a service has them
    at the same ones.
    """
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for path, source in sorted(sources.items()):
        lines = [
            line.strip() for line in (read(path) or b"").decode("utf-8", "replace").split("\n")
        ]
        for pattern, near in list_patterns(source):
            match = next(filter(None, map(pattern.fullmatch, lines[:near])), None)
            for name, value in match.groupdict().items() if match else ():
                found[name][value] += 1
    return {name: [each for each, _ in values.most_common()] for name, values in found.items()}


def list_patterns(source: str) -> Iterator[tuple[re.Pattern[str], int | None]]:
    """Give what finds the answers of each line, and how many lines from the top it may stand."""
    for number, line in enumerate(source.splitlines()):
        literals, names = split(line.strip())
        letters = sum(map(str.isalnum, "".join(literals)))
        # A first line such as "# My Service" is known by its place.
        if names and (letters >= LETTERS or not number):
            yield re.compile(compose(literals, names)), None if number else 1


def split(line: str) -> tuple[list[str], list[str]]:
    """Return what stands around the answers of a line, and their names."""
    parts = VARIABLE.split(line)
    return parts[::2], parts[1::2]


def compose(literals: Iterable[str], names: Iterable[str]) -> str:
    """Return an expression that has a group for each answer, which is the same where it recurs."""
    first, *others = map(re.escape, literals)
    seen: set[str] = set()
    expression = first
    for name, literal in zip(names, others, strict=True):
        expression += f"(?P={name})" if name in seen else f"(?P<{name}>[^{{}}]+)"
        expression += literal
        seen.add(name)
    return expression
