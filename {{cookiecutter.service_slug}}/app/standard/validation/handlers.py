"""From checked values to the arguments of a handler, of the types that it names."""

import dataclasses
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NotRequired, Required, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from pydantic.errors import PydanticUserError

# pydantic brings it, and takes no other where Python is older than 3.12.
from typing_extensions import TypedDict

from app.standard.validation.compatibility import Given, find_difference
from app.standard.validation.references import ContractError
from app.standard.validation.refusals import Fault, fault, refuse
from app.standard.validation.schema import pointer

Function = Callable[..., Awaitable[Any]]
# What the security of the contract finds out, for handlers that ask for it.
OF_SECURITY = frozenset({"user", "token_info"})


class Handler:
    """A handler, checked against what its operation gives.

    An argument that is no parameter, but whose type is a dataclass, gets those that are its fields.
    """

    def __init__(self, function: Function, given: Mapping[str, Given], where: str) -> None:
        self.function = function
        self.given = given
        self.where = where
        self.groups: dict[str, list[str]] = {}
        self.security: list[str] = []
        signature = _signature(function, where)
        types = {p.name: self._type(p) for p in signature if p.kind is not p.VAR_KEYWORD}
        taken = {*types}.union(*self.groups.values())
        self.only_in_groups = taken - types.keys()
        takes_all = any(p.kind is p.VAR_KEYWORD for p in signature)
        if not takes_all and (missed := sorted(given.keys() - taken)):
            raise ContractError(f"{where}: the handler does not take {', '.join(missed)}")
        typed = {name: each for name, each in types.items() if each is not None}
        self._adapter = _adapter(typed, where) if typed else None

    def _type(self, parameter: inspect.Parameter) -> Any:
        """Return the type of an argument for pydantic, or None where any value will do."""
        name, annotation = parameter.name, parameter.annotation
        needed = parameter.default is parameter.empty
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.POSITIONAL_ONLY):
            raise ContractError(f"{self.where}: the handler's {name} must have a name")
        if name in self.given:
            self._check(name, annotation, needed)
            is_any = annotation in (parameter.empty, Any)
            return None if is_any else NotRequired[annotation]
        if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
            fields = _fields(annotation, self.where)
            self.groups[name] = [field.name for field in fields]
            for field in fields:
                self._check(field.name, field.annotation, field.default is field.empty)
            return Required[annotation]
        if name in OF_SECURITY:
            self.security.append(name)
            return None
        raise ContractError(f"{self.where}: the handler takes {name}, which the contract has not")

    def _check(self, name: str, annotation: Any, needed: bool) -> None:
        if (given := self.given.get(name)) is None:
            raise ContractError(
                f"{self.where}: the contract has no {name}, which the handler takes"
            )
        if needed and not given.is_always_there:
            raise ContractError(f"{self.where}: {name} may be absent: give it a default")
        if annotation in (inspect.Parameter.empty, Any):
            return
        if found := find_difference(given, annotation):
            shown = getattr(annotation, "__name__", annotation)
            raise ContractError(f"{self.where}: {name} is {shown} to the handler, but {found}")

    def arguments(self, values: dict[str, Any], security: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments; raise the problem of a value that is none of its type."""
        for name, fields in self.groups.items():
            values[name] = {each: values[each] for each in fields if each in values}
        values = {name: each for name, each in values.items() if name not in self.only_in_groups}
        if self.security:
            values |= {name: security.get(name) for name in self.security}
        if self._adapter is None:
            return values
        try:
            return values | self._adapter.validate_python(values)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            refuse(self._fault(list(each["loc"]), each["msg"]) for each in found)

    def _fault(self, where: list[Any], message: str) -> Fault:
        name = where.pop(0)
        if name in self.groups:
            # It may be of the whole, and of none of its fields.
            first = self.groups[name][0]
            name = where.pop(0) if where else ""
            if name not in self.given:
                return fault(self.given[first].place, "", message)
        given = self.given[name]
        if given.place == "body":
            return fault("body", pointer(where), message)
        return fault(given.place, given.name, f"{pointer(where)} {message}".strip())


def _signature(function: Function, where: str) -> list[inspect.Parameter]:
    try:
        return [*inspect.signature(function, eval_str=True).parameters.values()]
    except NameError as error:
        raise ContractError(f"{where}: the types of the handler cannot be read: {error}") from None


def _fields(group: type, where: str) -> list[inspect.Parameter]:
    """Return what a dataclass is made of, inherited fields among it."""
    try:
        hints = get_type_hints(group, include_extras=True)
    except NameError as error:
        raise ContractError(f"{where}: the types of the handler cannot be read: {error}") from None
    parameters = inspect.signature(group).parameters
    return [
        each.replace(annotation=_bare(hints.get(name, Any))) for name, each in parameters.items()
    ]


def _bare(hint: Any) -> Any:
    return hint.type if isinstance(hint, dataclasses.InitVar) else hint


def _adapter(types: dict[str, Any], where: str) -> TypeAdapter[dict[str, Any]]:
    # By pydantic, in one call, and as lax as it is: the contract has been checked already.
    make: Any = TypedDict
    arguments = with_config(ConfigDict(arbitrary_types_allowed=True))(make("_", types))
    try:
        found: TypeAdapter[dict[str, Any]] = TypeAdapter(arguments)
        # What names what is not there yet waits for it until the first request.
        found.rebuild(raise_errors=True)
    except (NameError, PydanticUserError) as error:
        reason = str(error).splitlines()[0]
        raise ContractError(f"{where}: the types of the handler cannot be read: {reason}") from None
    return found
