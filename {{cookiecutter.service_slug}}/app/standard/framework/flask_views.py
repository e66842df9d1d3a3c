"""Flask, with the operations of the contract as its views."""

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import IO, Any, NoReturn, cast

import flask
import werkzeug.exceptions
from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import build_environ
from connexion.apps.flask import FlaskASGIApp
from connexion.http_facts import METHODS
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send
from werkzeug.routing import PathConverter

from app.standard.contract import current_operation, reply_of
from app.standard.framework.flask_bridge import HandlerCall, current_call, run_flask, view
from app.standard.http import IncomingBody, Stream

SIGNALS = (
    flask.signals.appcontext_pushed,
    flask.signals.got_request_exception,
    flask.signals.request_finished,
    flask.signals.request_started,
    flask.signals.request_tearing_down,
)


def _raise_problem(error: werkzeug.exceptions.HTTPException) -> NoReturn:
    # What Flask says of a path that is not there would differ from what is said without it.
    own = error.description == type(error).description
    raise HTTPException(error.code or 500, None if own else error.description)


class _AnyPath(PathConverter):
    """Takes what Connexion's router takes for a path, a slash first among it."""

    regex = ".+?"
    part_isolating = False


class FlaskViews(FlaskASGIApp):
    """Flask, whose views are the operations of the contract, and what a team adds to it."""

    def __init__(self, threads: int, checks_responses: bool) -> None:
        super().__init__("app", {})
        self.checks_responses = checks_responses
        # Connexion's router, which decides, does not merge them.
        self.app.url_map.merge_slashes = False
        self.app.url_map.converters["path"] = _AnyPath
        # Serves what a team has added to Flask, streams of Flask's own among it.
        self.asgi_app = WSGIMiddleware(cast(Any, self.app.wsgi_app), threads)
        self.app.register_error_handler(werkzeug.exceptions.HTTPException, _raise_problem)
        self._wrapped = self.asgi_app.app

    def _has_additions(self) -> bool:
        """Tell whether Flask would run anything for a request beside its view."""
        app = self.app
        hooks: list[dict[Any, Any]] = [
            app.before_request_funcs,
            app.after_request_funcs,
            app.teardown_request_funcs,
            app.url_value_preprocessors,
        ]
        handlers = [each for codes in app.error_handler_spec.values() for each in codes.values()]
        return bool(
            any(any(functions.values()) for functions in hooks)
            or app.teardown_appcontext_funcs
            or sum(map(len, handlers)) > 1  # That of above.
            or any(signal.receivers for signal in SIGNALS)
            or app.secret_key
            or self._wrapped is not self.asgi_app.app
        )

    def replace_threads(self, threads: ThreadPoolExecutor) -> ThreadPoolExecutor:
        """Take other threads for the views, and return those of before."""
        before, self.asgi_app.executor = self.asgi_app.executor, threads
        return before

    def add_api(self, specification: Any, **_options: Any) -> None:
        """Add the operations to Flask."""
        for path, item in specification["paths"].items():
            for method in METHODS & item.keys():
                kinds = {p["name"]: p["schema"].get("format") for p in item[method]["parameters"]}
                rule = specification.base_path + path.replace("{", "<").replace("}", ">")
                for name in (name for name, kind in kinds.items() if kind == "path"):
                    rule = rule.replace(f"<{name}>", f"<path:{name}>")
                # A dot would name a blueprint.
                endpoint = item[method]["operationId"].replace(".", "_")
                self.app.add_url_rule(
                    rule,
                    endpoint,
                    view,
                    methods=[method.upper()],
                    # OPTIONS is that of the contract, or never comes here.
                    provide_automatic_options=False,
                )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = current_operation()
        if operation is None:
            await super().__call__(scope, receive, send)
            return
        request = _Request(receive)
        arguments = await operation.arguments(scope, request.receive)
        environ = build_environ(cast(Any, scope), cast(Any, await request.body()))
        if not self._has_additions():
            # Nothing can be told from a call of Flask, and no thread is needed.
            with self.app.request_context(cast(Any, environ)):
                reply = await reply_of(operation, arguments, is_checked=self.checks_responses)
            await reply.send(scope, send)
            return
        loop = asyncio.get_running_loop()
        call = HandlerCall(loop, operation, arguments, self.checks_responses)
        current_call.set(call)
        run = partial(contextvars.copy_context().run, run_flask, self.asgi_app.app, environ)
        try:
            start, body = await loop.run_in_executor(self.asgi_app.executor, run)
            if call.stream_starts and call.reply and isinstance(call.reply.body, Stream):
                await call.reply.body.send(start, scope, send)
                return
            await send(start)
            await send({"type": "http.response.body", "body": body})
        finally:
            await call.end()


class _Request:
    """The body of a request, which the checks read first, and Flask may read again."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._body = IncomingBody()
        self._more = True

    async def receive(self) -> Message:
        message = await self._receive()
        self._body.write(message.get("body", b""))
        self._more = message.get("more_body", False)
        return message

    async def body(self) -> IO[bytes]:
        while self._more:
            await self.receive()
        return self._body.as_file()
