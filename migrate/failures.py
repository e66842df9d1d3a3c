"""Failures that a client may know of: a class for each status, in ``app/errors.py``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus

import libcst as cst
from libcst.helpers import get_full_name_for_node

from migrate.meanings import argument, literal, text_of

ABORT = re.compile(r"(?:flask|werkzeug\.exceptions)\.abort")
PROBLEM = re.compile(r"connexion\.(?:problem\.)?problem|connexion\.(?:.+\.)?ProblemException")
WERKZEUG = re.compile(r"werkzeug\.exceptions\.(\w+)")
AIOHTTP = re.compile(r"aiohttp\.web\.HTTP(\w+)")
STATUSES = {re.sub(r"\W", "", each.phrase).lower(): each for each in HTTPStatus if each >= 400}
# What werkzeug and aiohttp call otherwise than the registry of IANA.
STATUSES |= {"imateapot": HTTPStatus.IM_A_TEAPOT, "unavailableforlegalreasons": HTTPStatus(451)}


@dataclass
class Failures:
    """The classes that were needed so far: name, status, title."""

    classes: dict[str, tuple[int, str]] = field(default_factory=dict)

    def raise_for(self, call: cst.BaseExpression, meaning: str) -> cst.Raise | None:
        """Return the statement that fails as a call, or the class in a ``raise``, did."""
        arguments = call if isinstance(call, cst.Call) else cst.Call(call)
        if ABORT.fullmatch(meaning):
            status = literal(argument(arguments, "code", 0))
            return self._make(status, None, argument(arguments, "description", 1))
        if PROBLEM.fullmatch(meaning):
            status = literal(argument(arguments, "status", 0))
            title = text_of(argument(arguments, "title", 1))
            more = {each.keyword.value for each in arguments.args if each.keyword}
            if more - {"status", "title", "detail", "type"}:
                return None
            return self._make(status, title, argument(arguments, "detail", 2))
        if found := WERKZEUG.fullmatch(meaning):
            status = STATUSES.get(found[1].lower())
            return self._make(status, None, argument(arguments, "description", 0))
        if found := AIOHTTP.fullmatch(meaning):
            status = STATUSES.get(found[1].lower())
            detail = argument(arguments, "text") or argument(arguments, "reason")
            return self._make(status, None, detail)
        return None

    def _make(
        self, status: object, title: str | None, detail: cst.BaseExpression | None
    ) -> cst.Raise | None:
        if not isinstance(status, int) or status not in {*HTTPStatus} or status < 400:
            return None
        known = HTTPStatus(status)
        words = re.findall(r"[A-Za-z0-9]+", title or known.phrase)
        name = "".join(word[0].upper() + word[1:] for word in words)
        # Two titles of one name, or two statuses.
        taken = self.classes.get(name, (known.value, title or known.phrase))
        if taken[0] != known.value or not name.isidentifier():
            name = f"Status{known.value}"
        self.classes.setdefault(name, (known.value, title or known.phrase))
        arguments = [cst.Arg(detail)] if detail is not None else []
        return cst.Raise(cst.Call(cst.Name(name), arguments))

    def write(self) -> str:
        """Return the classes as code."""
        return "".join(
            f'\n\nclass {name}(ServiceError):\n    """The status {status}."""\n\n'
            f"    status = {status}\n    title = {title!r}\n"
            for name, (status, title) in sorted(self.classes.items())
        )


class ImportCleaner(cst.CSTTransformer):
    """Leaves out imports of failures whose names are now those of ``app/errors.py``."""

    def __init__(self, failures: Failures) -> None:
        super().__init__()
        self.failures = failures

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        """Leave them out."""
        names = original_node.names
        if get_full_name_for_node(original_node.module or "") != "werkzeug.exceptions":
            return updated_node
        if isinstance(names, cst.ImportStar):
            return updated_node
        kept = [each for each in names if each.evaluated_name not in self.failures.classes]
        if not kept:
            return cst.RemoveFromParent()
        last = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return updated_node.with_changes(names=[*kept[:-1], last])
