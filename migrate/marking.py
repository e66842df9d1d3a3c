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


class SuiteOpener(cst.CSTTransformer):
    """Puts the bodies of functions on lines of their own, where marks can stand."""

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        """Open one that stands behind the colon."""
        body = updated_node.body
        if isinstance(body, cst.SimpleStatementSuite):
            line = cst.SimpleStatementLine(body.body)
            return updated_node.with_changes(body=cst.IndentedBlock([line]))
        return updated_node


def refuse_to_run(function: cst.FunctionDef) -> cst.FunctionDef:
    """Let a function raise at its beginning: half of what it did shall not be done."""
    place = 1 if function.get_docstring() is not None else 0
    statements = [*function.body.body]
    refusal = cst.parse_statement(REFUSAL)
    if REFUSAL in cst.Module([]).code_for_node(function):
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
