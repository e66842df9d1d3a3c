"""The failures of this service that a client may know of."""

# {%- if cookiecutter.sample == "items" +%}
# {% print "\n" %}
from app.standard.http import ServiceError


class ItemNotFound(ServiceError):
    """No item has the given id."""

    status = 404
    title = "Item not found"


# {%- endif +%}
