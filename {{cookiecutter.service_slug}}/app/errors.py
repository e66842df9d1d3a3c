"""The failures of this service that a client may know of."""

from app.standard.http import ServiceError


class ItemNotFound(ServiceError):
    """No item has the given id."""

    status = 404
    title = "Item not found"
