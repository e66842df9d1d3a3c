"""FastAPI, with the operations of the contract before its own routes."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NoReturn

from fastapi import FastAPI as App
from fastapi import Request
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from app.standard import contract
from app.standard.framework.code_routes import CodeRouteMiddleware, refuse_conflicts
from app.standard.framework.fastapi_telemetry import HAS_TELEMETRY
from app.standard.framework.lifespan import run_lifespans
from app.standard.framework.operations import OperationMiddleware
from app.standard.service import Application, CurrentApplicationMiddleware
from app.standard.validation import ContractError, fault, pointer, refuse


def assemble(application: Application) -> App:
    """Return the application that serves the contract, and the routes in code.

    Raises ``ContractError`` for what could not be served as the contract says.
    """
    operations = contract.compile_operations(application.contract)
    contract.refuse_shadowed(operations.values(), application.routes)
    refuse_conflicts(application, operations.values())
    if not application.security:
        _refuse_security(application)
    app = App(
        title=application.contract["info"]["title"],
        version=application.contract["info"]["version"],
        # The document is that of the contract, with the routes in code.
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": HAS_TELEMETRY, "metrics": HAS_TELEMETRY, "logs": HAS_TELEMETRY},
        lifespan=partial(run_lifespans, application),
        middleware=_middlewares(application, operations),
        exception_handlers={
            HTTPException: _pass_on,
            RequestValidationError: _refuse,
            ResponseValidationError: _fail,
        },
    )
    for router in application.code_routers:
        app.include_router(router)
    return app


def _middlewares(application: Application, operations: contract.Operations) -> Sequence[Middleware]:
    found: list[Any] = [
        partial(CurrentApplicationMiddleware, application=application),
        *application.outer_middlewares,
        partial(contract.OwnRoutesMiddleware, application=application, operations=operations),
        partial(contract.ContractRoutingMiddleware, operations=operations),
        *application.security,
        partial(OperationMiddleware, application=application),
        CodeRouteMiddleware,
    ]
    return [Middleware(each) for each in found]


def _refuse_security(application: Application) -> None:
    for method, template, spec in contract.operations(application.contract):
        if any(spec.get("security", application.contract.get("security")) or []):
            where = f"{method.upper()} {template}"
            raise ContractError(
                f"{where}: it has security, and the module that checks it is not in this service; "
                "let it come by an update with use_auth=true, or say security: []"
            )


async def _pass_on(_request: Request, error: Exception) -> NoReturn:
    """Leave an exception to the problems of all requests."""
    raise error


async def _refuse(_request: Request, error: Exception) -> NoReturn:
    """Tell what is wrong with a request as it is told of the contract's operations."""
    errors: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else []
    refuse(_describe(each) for each in errors)


async def _fail(_request: Request, error: Exception) -> NoReturn:
    """Let the log tell what is wrong with a response without its values."""
    errors: Sequence[Any] = error.errors() if isinstance(error, ResponseValidationError) else []
    found = "; ".join(f"{pointer(each['loc'])}: {each['msg']}" for each in errors)
    raise ValueError(f"a response is not of its model: {found}") from None


def _describe(error: dict[str, Any]) -> dict[str, str]:
    kind, *path = error["loc"]
    if error["type"] == "json_invalid":
        return fault(kind, "", "is unreadable: it is no JSON")
    name = pointer(path) if kind == "body" else ".".join(map(str, path))
    return fault(kind, name, error["msg"][:1].lower() + error["msg"][1:])
