"""The arguments of a handler: those that its operation has, with types that fit the contract."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace

import libcst as cst

from migrate.forms import default_of, list_files, read_fields
from migrate.operations import Parameter
from migrate.readings import METHOD, Handler

TYPES = {
    **{"integer": "int", "number": "float", "boolean": "bool", "string": "str"},
    **{"array": "list[Any]", "object": "dict[str, Any]"},
}
# Of the contract's security; a handler may take them, and the contract need not have them.
OF_SECURITY = ("user", "token_info")


@dataclass
class Signature:
    """The arguments of a function, as code, and what its body begins with."""

    needed: list[str] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    # Arguments that nothing gives a value.
    unknown: list[str] = field(default_factory=list)
    # Files of forms, which are read in another way.
    files: list[str] = field(default_factory=list)

    @property
    def code(self) -> str:
        """Return what stands between the parentheses."""
        return ", ".join([*self.needed, *self.optional])

    def add(self, name: str, annotation: str, default: str | None) -> None:
        """Add an argument."""
        self.names.append(name)
        if default is None:
            self.needed.append(f"{name}: {annotation}")
        else:
            self.optional.append(f"{name}: {annotation} = {default}")


def make_signature(function: cst.FunctionDef, handler: Handler) -> Signature:
    """Return the signature of what answers all operations of a handler."""
    old = {each.name.value: each for each in _arguments(function)}
    signature, seen = Signature(), set[str]()
    shared = len(handler.operations) == 1
    for parameter in _parameters(handler):
        given = old.get(parameter.old) or old.get(parameter.argument)
        seen |= {parameter.old, parameter.argument}
        default = default_of(given) or handler.defaults.get(parameter.argument)
        everywhere = shared or all(
            each.find(parameter.place, parameter.name) for each in handler.operations
        )
        required = everywhere and parameter.required
        # What is given another value may have another type then.
        kept = parameter if not _is_assigned(function, parameter) else replace(parameter, schema={})
        add_parameter(signature, kept, default, required)
        if given and given.name.value != parameter.argument:
            signature.first.append(f"{given.name.value} = {parameter.argument}")
    if handler.asks_method and shared:
        signature.first.append(f'{METHOD} = "{handler.operations[0].method.upper()}"')
    elif handler.asks_method:
        signature.add(METHOD, "str", None)
    signature.first += read_fields(handler.operations[0], old)
    signature.files = [each for each in list_files(handler.operations[0]) if each in old]
    seen |= {*handler.operations[0].fields, handler.context}
    for name, each in old.items():
        if name in seen:
            continue
        if name in OF_SECURITY:
            signature.add(name, "Any", "None")
        elif (default := default_of(each)) is not None:
            signature.first.append(f"{name} = {default}")
        else:
            signature.unknown.append(name)
            signature.first.append(f"{name}: Any = None")
    return signature


def _is_assigned(function: cst.FunctionDef, parameter: Parameter) -> bool:
    code = cst.Module([]).code_for_node(function.body)
    return bool(re.search(rf"(?m)^\s*{parameter.argument}\s*[-+*/%|&]?=(?!=)", code))


def add_parameter(
    signature: Signature, parameter: Parameter, default: str | None, required: bool
) -> None:
    """Add the argument of a parameter."""
    annotation = type_of(parameter.schema)
    if parameter.place == "body" and not required:
        annotation = "Any"
    if required:
        signature.add(parameter.argument, annotation, None)
        return
    default = default or "None"
    if annotation != "Any" and default == "None":
        annotation += " | None"
    elif annotation != "Any" and not _fits(default, annotation):
        annotation = "Any"
    signature.add(parameter.argument, annotation, default)


def _parameters(handler: Handler) -> list[Parameter]:
    found = {(each.place, each.name): each for op in handler.operations for each in op.parameters}
    return [*found.values()]


def _arguments(function: cst.FunctionDef) -> list[cst.Param]:
    parameters = function.params
    return [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]


def type_of(schema: dict[str, object]) -> str:
    """Return the type of a value; what is not plain may be anything."""
    if schema.get("x-migrate-type"):
        return str(schema["x-migrate-type"])
    if schema.get("nullable") or schema.get("format") == "binary":
        return "Any"
    return TYPES.get(str(schema.get("type")), "Any")


def _fits(default: str, annotation: str) -> bool:
    try:
        value = ast.literal_eval(default)
    except ValueError:
        return False
    return type(value).__name__ == annotation.partition("[")[0]
