"""Why something could not be moved, and what the template has in its place."""

from __future__ import annotations

import re

REASONS = [
    (r"flask\.session", "sessions", "handlers have no sessions: let the client send what it needs"),
    (r"flask\.g\b", "request-local state", "pass an argument, or use a ContextVar"),
    (r"flask\.current_app", "the application", "current_application() has the settings"),
    (r"flask\.(render_template|template|send_)", "templates and files", "answers are data, or a Stream"),
    (r"flask\.(redirect|url_for)", "redirects", "return None, 302, with a header Location"),
    (r"(flask|connexion)\.(globals\.)?request", "the request", "name in the contract what is read of it"),
    (r"(flask|werkzeug)\.(.+\.)?Response|flask\.(make_response|jsonify)", "responses",
     "return data, (data, status) or (data, status, headers)"),
    (r"aiohttp\.web\.(\w*[rR]esponse)", "responses",
     "return data, (data, status) or (data, status, headers)"),
    (r"aiohttp\.web\.(middleware|normalize)", "middlewares", "an ASGI middleware does it"),
    (r"aiohttp\.web", "the request or application of aiohttp", "handlers get arguments"),
    (r"aiohttp\.test_utils|pytest_aiohttp|flask\.testing|flask_testing", "test clients",
     "use the fixture client"),
    (r"(flask|werkzeug\.exceptions)\.abort", "failures", "raise one of app/errors.py"),
    (r"flask\.signals|blinker", "signals", "call what listens"),
    (r"connexion\.context", "the context", "take user or token_info as an argument"),
    (r"(flask|connexion)\.(?:apps\.)?(Flask|App|FlaskApp|AioHttpApp|Blueprint)|create_app", "the application",
     "app/__init__.py makes it"),
    (r"flask_cors", "extensions", "the setting CORS_ALLOW_ORIGINS is in its place"),
    (r"flask_(sqlalchemy|migrate)", "extensions", "use_database has SQLAlchemy and alembic"),
    (r"flask_(login|jwt_extended|httpauth)", "extensions", "use_auth has tokens of OpenID providers"),
    (r"flask_(compress|talisman)", "extensions", "every service does it"),
    (r"flask_(\w+)", "extensions", "the template does without {}"),
    (r"(flask|connexion|aiohttp|werkzeug)\b", "other parts of a framework",
     "handlers know no framework"),
]  # fmt: skip
HOOKS = {
    **dict.fromkeys(("before_request", "after_request", "teardown_request"), "hooks"),
    **dict.fromkeys(("before_app_request", "after_app_request", "teardown_appcontext"), "hooks"),
    "before_first_request": "hooks",
    **dict.fromkeys(("errorhandler", "app_errorhandler", "add_error_handler"), "error handlers"),
    "register_error_handler": "error handlers",
    **dict.fromkeys(("context_processor", "jinja_env", "template_filter"), "templates and files"),
    **dict.fromkeys(("middleware", "middlewares", "wsgi_app"), "middlewares"),
    **dict.fromkeys(("on_startup", "on_cleanup", "on_shutdown", "cleanup_ctx"), "signals"),
    **{"auth_all_paths": "security", "validator_map": "validators"},
    **{"add_url_rule": "routes", "cli": "commands", "config": "settings"},
}
KINDS = {
    "hooks": "no hooks of a framework: call it, or write an ASGI middleware",
    "error handlers": "raise a ServiceError of app/errors.py",
    "templates and files": "answers are data, or a Stream",
    "commands": "write a script",
    "middlewares": "an ASGI middleware does it",
    "security": "the contract names it for each operation, or for all",
    "validators": "the contract is checked by the template",
    "routes": "describe it in the contract",
    "settings": "config.py has the settings",
    "signals": "Application has lifespans",
    "decorator": "what it did must be done in the function, or by the contract",
    "argument": "the contract has no parameter of this name",
    "handler": "its function was not found, or is a method of a class",
    "coroutine": "it is async now: await it, or call what it calls",
    "file": "it is an Upload, which is read by await",
    "text": "it answers no JSON: return a Stream of its media type",
    "rest": "it uses what could not be moved",
}


def explain(meaning: str, kind: str = "rest") -> str:
    """Return why what a dotted name means, or something of a kind, could not be moved."""
    found = find(meaning)
    if found and kind != "decorator":
        return f"{found[0]}: {found[1].format(meaning.partition('.')[0])}"
    hook = HOOKS.get(meaning.rpartition(".")[2])
    if hook:
        return f"{hook}: {KINDS[hook]}"
    return f"{kind}: {KINDS[kind]}" if kind != "rest" else KINDS[kind]


def explain_code(code: str) -> str:
    """Return why code could not be moved that does something with an application, or nothing."""
    found = next((word for word in HOOKS if re.search(rf"\b{word}\b", code)), "")
    return explain(found) if found else ""


def find(meaning: str) -> tuple[str, str] | None:
    """Return what of a framework a dotted name is, and what is in its place."""
    for pattern, what, why in REASONS:
        if re.match(pattern, meaning):
            return what, why
    return None


def is_of_a_framework(meaning: str) -> bool:
    """Tell whether a dotted name is a framework's, or an extension's."""
    return (
        re.match(
            r"(flask|flask_\w+|connexion|aiohttp|werkzeug|pytest_aiohttp|blinker)(\.|$)", meaning
        )
        is not None
    )
