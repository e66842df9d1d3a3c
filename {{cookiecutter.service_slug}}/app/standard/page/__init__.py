"""A page at /page/, for people: the lists and exports of the contract, with a form of their filters.

Nobody calls it: it adds routes.
"""

from app.standard.page.pages import page_routes
from app.standard.service import Application


def init_app(application: Application) -> None:
    """Serve the page, in production too."""
    application.routes += page_routes(application.contract)
