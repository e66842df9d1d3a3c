"""Forms: the object of their fields, checked."""

from collections.abc import Iterator
from typing import Any

from app.standard.validation.fields import FormField
from app.standard.validation.finding import keep_apart
from app.standard.validation.forms import Chunks, Unreadable, read_multipart, read_urlencoded
from app.standard.validation.media_types import MediaType
from app.standard.validation.references import ContractError
from app.standard.validation.refusals import Fault, fault, fault_of, refuse, refuse_body
from app.standard.validation.schema import Schema
from app.standard.validation.texts import NotReadable
from app.standard.validation.uploads import Upload


class Form(MediaType):
    """A form, of either kind."""

    def __init__(self, document: dict[str, Any], spec: dict[str, Any], where: str) -> None:
        super().__init__(document, spec, where)
        if "object" not in self.schema.types():
            raise ContractError(f"{where}: a form must be an object")
        encoding = spec.get("encoding", {})
        self.fields = [
            FormField(name, schema, self.encoding(encoding.get(name, {})), f"{where}, {name}")
            for name, schema in self.schema.properties().items()
        ]
        keep_apart([field.find for field in self.fields], f"{where}, field")
        self.unnamed = self.schema.additional()
        self.where = where

    @property
    def given(self) -> Schema:
        """An object, as a form is one."""
        return self.schema.part({"allOf": [{"type": "object"}, self.schema.node]})

    async def read(self, chunks: Chunks, options: dict[str, str]) -> dict[str, Any]:
        """Return the fields, files among them."""
        try:
            given = await self.parts(chunks, options)
        except Unreadable as error:
            refuse_body(f"is unreadable: {error}")
        value, unreadable = {}, {}
        for field in self._fields_of(given):
            try:
                if self.unnamed is None and field not in self.fields:
                    raise NotReadable("is not known")
                value[field.name] = self.value(field, given)
                if found := fault_of(_shown(value[field.name])):
                    raise NotReadable(found)
            except NotReadable as error:
                value[field.name] = None
                unreadable[f"/{field.name}"] = str(error)
        shown = {name: _shown(each) for name, each in value.items()}
        if unreadable:
            refuse(self._faults(shown, unreadable))
        return dict(self.check(value, shown))

    def _faults(self, shown: dict[str, Any], unreadable: dict[str, str]) -> Iterator[Fault]:
        for where, message in unreadable.items():
            yield fault("body", where, message)
        for where, message, _ in self.schema.errors(shown):
            if where not in unreadable:
                yield fault("body", where, message)

    def _fields_of(self, given: dict[str, list[Any]]) -> list[FormField]:
        found = [field for field in self.fields if any(map(field.find.knows, given))]
        names = [name for name in given if not any(f.find.knows(name) for f in found)]
        unnamed = self.unnamed or self.schema.part({})
        return found + [FormField(name, unnamed, {}, self.where) for name in names]

    def encoding(self, spec: dict[str, Any]) -> dict[str, Any]:
        """Return what of an Encoding Object counts here."""
        return spec

    async def parts(self, chunks: Chunks, options: dict[str, str]) -> dict[str, list[Any]]:
        """Return what came for each field."""
        raise NotImplementedError

    def value(self, field: FormField, given: dict[str, list[Any]]) -> Any:
        """Return the value of a field."""
        raise NotImplementedError


class UrlencodedForm(Form):
    """A form without files."""

    async def parts(self, chunks: Chunks, options: dict[str, str]) -> dict[str, list[Any]]:
        """Return the texts of each field."""
        return await read_urlencoded(chunks)

    def value(self, field: FormField, given: dict[str, list[Any]]) -> Any:
        """Return the value of a field."""
        return field.from_texts(given)


class MultipartForm(Form):
    """A form whose fields may be files."""

    has_files = True

    def encoding(self, spec: dict[str, Any]) -> dict[str, Any]:
        """Return the media type: styles are of the other kind of form."""
        return {key: spec[key] for key in ("contentType",) if key in spec}

    async def parts(self, chunks: Chunks, options: dict[str, str]) -> dict[str, list[Any]]:
        """Return the parts of each field."""
        return await read_multipart(chunks, options.get("boundary"))

    def value(self, field: FormField, given: dict[str, list[Any]]) -> Any:
        """Return the value of a field."""
        return field.from_parts(given[field.name])


def _shown(value: Any) -> Any:
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return "" if isinstance(value, Upload) else value
