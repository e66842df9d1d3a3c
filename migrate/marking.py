"""Marks: comments of one form, which name what could not be moved, and why."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from migrate.meanings import Meanings

WORD = "migrate"
REFUSAL = 'raise NotImplementedError("what is marked here has not been moved")'


@dataclass(frozen=True)
class Mark:
    """What could not be moved, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"# {WORD}: {' '.join(self.what.split())}: {self.why}"


def comment(mark: Mark) -> cst.EmptyLine:
    """Return the line of a mark."""
    return cst.EmptyLine(comment=cst.Comment(str(mark)))


def first_line(statement: cst.CSTNode) -> str:
    """Return the line that a statement begins with, without comments."""
    if isinstance(statement, cst.SimpleStatementLine):
        statement = statement.with_changes(
            leading_lines=[], trailing_whitespace=cst.TrailingWhitespace()
        )
    elif hasattr(statement, "leading_lines"):
        statement = statement.with_changes(leading_lines=[])
    return cst.Module([]).code_for_node(statement).strip().split("\n")[0].rstrip(":")


def refuse_to_run(function: cst.FunctionDef) -> cst.FunctionDef:
    """Let a function raise at its beginning: half of what it did shall not be done."""
    if not isinstance(function.body, cst.IndentedBlock):
        return function
    place = 1 if function.get_docstring() is not None else 0
    statements = [*function.body.body]
    refusal = cst.parse_statement(REFUSAL)
    if (
        place < len(statements)
        and cst.Module([]).code_for_node(statements[place]).strip() == REFUSAL
    ):
        return function
    statements.insert(place, refusal)
    return function.with_changes(body=function.body.with_changes(body=statements))


def find_refusing(meanings: Meanings) -> set[str]:
    """Return the dotted names of functions that refuse to run."""
    return {
        f"{meanings.module}.{each.name.value}"
        for each in meanings.tree.body
        if isinstance(each, cst.FunctionDef) and REFUSAL in meanings.tree.code_for_node(each)
    }
