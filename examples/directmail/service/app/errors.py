"""The failures of this service that a client may know of: none yet."""
