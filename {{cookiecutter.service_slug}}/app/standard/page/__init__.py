"""A page at /page/, for people: the lists and exports of the contract, with a form of their filters.

Nobody calls it: it adds routes.
"""

from app.standard.page.pages import page_routes
from app.standard.service import Application


def init_app(application: Application) -> None:
    """Serve the page, in production too."""
    # {% if cookiecutter.framework == "fastapi" %}
    # With the routes in code, which may be at the root.
    application.routes += page_routes(application.contract, application.documented)
    # {% endif %}
    # {% if cookiecutter.framework != "fastapi" %}
    # {% print "    application.routes += page_routes(application.contract, application.contract)\n" %}
    # {% endif %}
