"""What handlers answer: responses of frameworks become data, status and headers."""

from __future__ import annotations

import re

import libcst as cst

from migrate.expressions import data_of, tuple_of
from migrate.failures import Failures, ImportCleaner
from migrate.meanings import Meanings, argument, literal
from migrate.setting_up import name_applications

JSON = ("flask.jsonify", "flask.json.jsonify")
DUMPS = ("json.dumps", "flask.json.dumps")
RESPONSE = re.compile(r"(flask|werkzeug)\.(wrappers\.)?Response")
MAKE = ("flask.make_response",)
AIOHTTP_JSON = ("aiohttp.web.json_response",)
AIOHTTP_EMPTY = ("aiohttp.web.Response",)
NO_CONTENT = ("connexion.NoContent", "connexion.decorators.produces.NoContent")


def rewrite_answers(meanings: Meanings, failures: Failures, *, is_flask: bool = False) -> str:
    """Return the text of a module with its answers rewritten, where the template has an equal.

    Under Flask alone, a text that is JSON is the data; Connexion made a JSON text of it.
    """
    changed = meanings.tree.visit(_Answers(meanings, failures, is_flask))
    return changed.visit(ImportCleaner(failures)).code


class _Answers(cst.CSTTransformer):
    def __init__(self, meanings: Meanings, failures: Failures, is_flask: bool) -> None:
        super().__init__()
        self.meanings, self.failures = meanings, failures
        applications = name_applications(meanings, meanings.tree, set())
        self.loggers = {f"{meanings.module}.{name}.logger" for name in applications}
        self.json = (*JSON, *DUMPS) if is_flask else JSON

    def leave_Return(
        self, original_node: cst.Return, updated_node: cst.Return
    ) -> cst.Return | cst.Raise:
        """Answer with data, or fail."""
        value = original_node.value
        if value is None:
            return updated_node
        if isinstance(value, cst.Call):
            failed = self.failures.raise_for(value, self.meanings.of(value.func))
            if failed:
                return failed
        answer = self.answer(value)
        if answer is None:
            return updated_node
        return cst.Return(value=answer)

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Log by the module's name, where the application's logger was used."""
        meaning = self.meanings.of(original_node)
        if meaning == "flask.current_app.logger" or meaning in self.loggers:
            return cst.parse_expression("logging.getLogger(__name__)")
        return updated_node

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.Expr | cst.Raise:
        """Let a call that aborts raise."""
        value = original_node.value
        if isinstance(value, cst.Call):
            meaning = self.meanings.of(value.func)
            return self.failures.raise_for(value, meaning) or updated_node
        return updated_node

    def leave_Raise(self, original_node: cst.Raise, updated_node: cst.Raise) -> cst.Raise:
        """Raise the template's failure for that of a framework."""
        raised = original_node.exc
        if raised is None:
            return updated_node
        meaning = self.meanings.of(raised.func if isinstance(raised, cst.Call) else raised)
        failed = self.failures.raise_for(raised, meaning)
        return updated_node.with_changes(exc=failed.exc) if failed else updated_node

    def answer(self, value: cst.BaseExpression) -> cst.BaseExpression | None:
        """Return what is answered as the template has it, or None where it stays."""
        if isinstance(value, cst.Tuple) and value.elements:
            first = self.answer(value.elements[0].value)
            if first is None:
                return None
            return tuple_of([first, *(each.value for each in value.elements[1:])])
        if self.meanings.of(value) in NO_CONTENT:
            return cst.Name("None")
        if not isinstance(value, cst.Call):
            return None
        meaning = self.meanings.of(value.func)
        if meaning in self.json:
            return data_of(value)
        if RESPONSE.fullmatch(meaning):
            return self._of_flask(value)
        if meaning in MAKE and value.args:
            given = [each.value for each in value.args]
            return tuple_of([self.answer(given[0]) or given[0], *given[1:]])
        if meaning in AIOHTTP_JSON:
            return self._of_aiohttp(value, argument(value, "data", 0) or cst.Name("None"))
        if meaning in AIOHTTP_EMPTY and not any(
            argument(value, name, place) for name, place in (("text", None), ("body", 0))
        ):
            return self._of_aiohttp(value, cst.Name("None"))
        return None

    def _of_flask(self, call: cst.Call) -> cst.BaseExpression | None:
        """Return what a response that holds JSON answers."""
        names = {each.keyword.value for each in call.args if each.keyword}
        body, status = argument(call, "response", 0), argument(call, "status", 1)
        is_json = isinstance(body, cst.Call) and self.meanings.of(body.func) in DUMPS
        if not isinstance(body, cst.Call) or not is_json:
            return None
        if names - {"response", "status", "mimetype", "content_type"}:
            return None
        data = data_of(body)
        return tuple_of([data, *([status] if status else [])]) if data else None

    def _of_aiohttp(self, call: cst.Call, data: cst.BaseExpression) -> cst.BaseExpression | None:
        status, headers = argument(call, "status"), argument(call, "headers")
        names = {each.keyword.value for each in call.args if each.keyword}
        if names - {"data", "status", "headers"}:
            return None
        if headers is not None:
            return tuple_of([data, status or cst.Integer("200"), headers])
        if status is None or (literal(status) == 200 and call.args):
            return data
        return tuple_of([data, status])
