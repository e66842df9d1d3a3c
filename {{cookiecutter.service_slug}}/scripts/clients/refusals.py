"""What stops the generation of clients."""


class Refused(Exception):
    """It cannot be done; the message says why, and what is wanted."""
