"""The operations of the contract, where no framework runs them."""

from starlette.types import ASGIApp, Receive, Scope, Send

from app.standard.contract import current_operation, reply_of
from app.standard.http import HttpMiddleware
from app.standard.service import Application


class OperationMiddleware(HttpMiddleware):
    """Answers the requests to operations of the contract."""

    def __init__(self, app: ASGIApp, application: Application) -> None:
        super().__init__(app)
        self.checks_responses = application.settings.environment != "production"

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if (operation := current_operation()) is None:
            await self.app(scope, receive, send)
            return
        arguments = await operation.arguments(scope, receive)
        reply = await reply_of(operation, arguments, is_checked=self.checks_responses)
        await reply.send(scope, send)
