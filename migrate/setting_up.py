"""What makes an application of a framework: the template does it by itself."""

from __future__ import annotations

import re

import libcst as cst

from migrate.meanings import Meanings
from migrate.reasons import explain_code

MAKES = re.compile(
    r"(connexion\.(.+\.)?(App|FlaskApp|AioHttpApp|AsyncApp)|flask\.(Flask|Blueprint)"
    r"|aiohttp\.web\.(Application|run_app))$"
)
# Arguments that change what happens to every request.
DOES_MORE = re.compile(r"\b(middlewares|auth_all_paths|validator_map)\b")
VERBS = {"add_api", "register_blueprint", "run"}


def makes(meanings: Meanings, value: object, factories: set[str]) -> bool:
    """Tell whether an expression makes an application or a blueprint."""
    if not isinstance(value, cst.Call):
        return False
    meaning = meanings.of(value.func)
    return bool(MAKES.match(meaning)) or meaning in factories


def sets_up(
    meanings: Meanings, statement: cst.CSTNode, applications: set[str], factories: set[str]
) -> bool:
    """Tell whether a statement of a module or a function does nothing else.

    ``applications`` has the names of the applications, as the statement calls them;
    ``factories`` the dotted names of functions that make one.
    """
    code = meanings.tree.code_for_node(statement)
    if isinstance(statement, cst.If):
        is_main = "__name__" in meanings.tree.code_for_node(statement.test)
        return is_main and not explain_code(code)
    if DOES_MORE.search(code):
        return False
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    if isinstance(small, cst.Import | cst.ImportFrom | cst.Pass):
        return True
    value = small.value if isinstance(small, cst.Assign | cst.Expr | cst.Return) else None
    if isinstance(value, cst.SimpleString | cst.ConcatenatedString):
        return True
    if makes(meanings, value, factories):
        return True
    if isinstance(value, cst.Call):
        is_verb = isinstance(value.func, cst.Attribute) and value.func.attr.value in VERBS
        return is_verb and _root(value.func) in applications
    return isinstance(value, cst.Name | cst.Attribute) and _root(value) in applications


def name_applications(meanings: Meanings, body: cst.CSTNode, factories: set[str]) -> set[str]:
    """Return the names of applications and blueprints that statements make."""
    names = set[str]()
    for statement in getattr(body, "body", ()):
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        if not isinstance(small, cst.Assign) or not isinstance(small.targets[0].target, cst.Name):
            continue
        is_made = makes(meanings, small.value, factories)
        if is_made or (isinstance(small.value, cst.Attribute) and _root(small.value) in names):
            names.add(small.targets[0].target.value)
    return names


def find_factories(meanings: Meanings) -> set[str]:
    """Return the dotted names of functions that make an application and do nothing else."""
    around = name_applications(meanings, meanings.tree, set())
    return {
        f"{meanings.module}.{each.name.value}"
        for each in meanings.tree.body
        if isinstance(each, cst.FunctionDef) and _is_factory(meanings, each, around)
    }


def _is_factory(meanings: Meanings, function: cst.FunctionDef, around: set[str]) -> bool:
    names = name_applications(meanings, function.body, set()) | around
    if not names or function.decorators:
        return False
    return all(sets_up(meanings, each, names, set()) for each in function.body.body)


def _root(node: cst.BaseExpression) -> str:
    while isinstance(node, cst.Attribute):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""
