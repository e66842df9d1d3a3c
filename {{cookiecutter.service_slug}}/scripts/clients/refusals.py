"""What stops the generation of clients."""


class Refused(Exception):
    """It cannot be done; the message says why, and what is wanted."""


def twins(name: str, first: str, second: str, function: str) -> Refused:
    """Return the refusal of two operations whose functions would have one name."""
    return Refused(
        f"{name}: {first} and {second} would both be {function}: "
        "they want operationIds that differ."
    )
