"""Which definitions of all modules lean on which, and how far something reaches among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import libcst as cst
from libcst.helpers import get_full_name_for_node

from migrate.meanings import Meanings
from updates.codemods.renaming_imports import resolve

# What waits for a disk, a network or another process; a name, or all that is below it.
BLOCKING = {
    *("builtins.input", "builtins.open", "os.popen", "os.system", "time.sleep"),
    *("boto3", "botocore", "cx_Oracle", "docker", "elasticsearch", "flask_pymongo"),
    *("flask_sqlalchemy", "ftplib", "grpc", "http.client", "imaplib", "kafka", "kubernetes"),
    *("ldap", "ldap3", "mongoengine", "mysql", "MySQLdb", "oracledb", "pandas", "paramiko"),
    *("peewee", "pika", "poplib", "psycopg", "psycopg2", "pymongo", "pymysql", "pyodbc"),
    *("redis", "requests", "shutil", "smtplib", "socket", "sqlalchemy", "sqlite3"),
    *("subprocess", "suds", "telnetlib", "urllib.request", "urllib3", "zeep"),
}
FUNCTION, IMPORT, OTHER = "function", "import", "other"


@dataclass
class Definition:
    """What a statement of a module binds a name to, by what it uses."""

    kind: str
    uses: set[str] = field(default_factory=set)


Definitions = dict[str, Definition]


def read_definitions(meanings: Meanings, is_package: bool) -> Definitions:
    """Return the definitions of a module by their dotted names."""
    package = meanings.module.split(".")
    found: Definitions = {}
    for statement in _statements(meanings.tree.body):
        kind, uses = OTHER, set[str]()
        if isinstance(statement, cst.FunctionDef):
            kind, uses = FUNCTION, meanings.used_in(statement.body)
        elif isinstance(statement, cst.ClassDef):
            uses = _uses_of_class(meanings, statement)
        else:
            uses = meanings.used_in(statement)
        for name, origin in bindings(statement, package if is_package else package[:-1]):
            each = found.setdefault(f"{meanings.module}.{name}", Definition(kind))
            each.kind = IMPORT if origin else kind
            each.uses |= {origin} if origin else uses
    return found


def _statements(body: Iterable[cst.BaseStatement | cst.CSTNode]) -> Iterator[cst.BaseStatement]:
    """Give the statements of a module, those behind conditions too."""
    for statement in body:
        if isinstance(statement, cst.FunctionDef | cst.ClassDef | cst.SimpleStatementLine):
            yield statement
        elif isinstance(statement, cst.BaseStatement):
            yield statement
            yield from _statements(_blocks(statement))


def _blocks(statement: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for child in statement.children:
        if isinstance(child, cst.IndentedBlock):
            yield from child.body
        elif isinstance(child, cst.Else | cst.If | cst.ExceptHandler | cst.Finally):
            yield from _blocks(child)


def _uses_of_class(meanings: Meanings, node: cst.ClassDef) -> set[str]:
    """Return what a class uses when it is made; its methods use more when they run."""
    bare = [*node.bases, *node.keywords, *node.decorators]
    body = [each for each in node.body.body if not isinstance(each, cst.FunctionDef)]
    return {name for each in (*bare, *body) for name in meanings.used_in(each)}


def bindings(statement: cst.CSTNode, package: list[str]) -> Iterator[tuple[str, str]]:
    """Give the names that a statement binds, those of imports with what they mean."""
    if isinstance(statement, cst.FunctionDef | cst.ClassDef):
        yield statement.name.value, ""
    for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
        if isinstance(small, cst.Assign):
            for target in small.targets:
                yield from _names(target.target)
        elif isinstance(small, cst.AnnAssign):
            yield from _names(small.target)
        elif isinstance(small, cst.Import):
            for alias in small.names:
                name = str(alias.evaluated_name)
                first = name.partition(".")[0]
                yield alias.evaluated_alias or first, name if alias.asname else first
        elif isinstance(small, cst.ImportFrom) and not isinstance(small.names, cst.ImportStar):
            module = resolve(small, package)
            for alias in small.names:
                name = str(alias.evaluated_name)
                yield alias.evaluated_alias or name, f"{module}.{name}"


def _names(target: cst.BaseExpression) -> Iterator[tuple[str, str]]:
    if isinstance(target, cst.Name):
        yield get_full_name_for_node(target) or "", ""
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _names(element.value)


def is_in(name: str, names: set[str]) -> bool:
    """Tell whether a dotted name is one of some names, or below one."""
    parts = name.split(".")
    return any(".".join(parts[:size]) in names for size in range(1, len(parts) + 1))


def reach(
    definitions: Definitions, begins: Callable[[str], bool], spreads: Callable[[str], bool]
) -> set[str]:
    """Return the definitions that use something, directly or by way of what spreads it."""
    reached: set[str] = set()
    while True:
        through = {each for each in reached if spreads(definitions[each].kind)}
        more = {
            name
            for name, each in definitions.items()
            if name not in reached and any(begins(use) or is_in(use, through) for use in each.uses)
        }
        if not more:
            return reached
        reached |= more
