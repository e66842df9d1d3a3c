"""What the answers of an operation are, and so what its functions return."""

from typing import Any


def successes(endpoint: Any) -> list[Any]:
    """Return the answers of an operation that did what it should."""
    found = [each for each in endpoint.responses.patterns if each.status_code.range[0] // 100 == 2]
    default = endpoint.responses.default
    return found or ([default] if default else [])


def failures(endpoint: Any) -> list[Any]:
    """Return the other answers of an operation, the default last."""
    found = [each for each in endpoint.responses.patterns if each.status_code.range[0] // 100 != 2]
    default = endpoint.responses.default
    return [*found, default] if default else found


def is_streamed(endpoint: Any) -> bool:
    """Tell whether an operation gives its response while the body arrives."""
    return any(
        each.source["attribute"] in ("response.text", "response.content")
        for each in successes(endpoint)
    )


def is_detailed(endpoint: Any) -> bool:
    """Tell whether an operation has a second function, for headers that the contract tells."""
    return not is_streamed(endpoint) and any(each.data.headers for each in successes(endpoint))


def detailed_name(endpoint: Any) -> str:
    """Return the name of the second function."""
    # That of import_ is import_detailed.
    return f"{endpoint.name.rstrip('_')}_detailed"


def is_readable(answer: Any) -> bool:
    """Tell whether an answer is JSON, of a form that the contract tells."""
    return bool(answer.source["attribute"] == "response.json()")


def types(answers: list[Any], *more: str) -> str:
    """Return the type of any of these answers."""
    names = {_type(each) for each in answers} | set(more)
    return " | ".join(sorted(names, key=lambda name: (name == "None", name))) or "None"


def _type(answer: Any) -> str:
    if answer.source["attribute"] == "None":
        return "None"
    return str(answer.prop.get_type_string().as_unembedded_code())
