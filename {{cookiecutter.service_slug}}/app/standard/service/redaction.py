"""Takes secrets out of log events, wherever they stand: keys, URLs, headers, bodies, messages."""

import json
import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from structlog.typing import EventDict, Processor

from app.standard.service.secret_forms import FORMS, secret_key, suspicion

MASK = "***"
# Texts of more characters are seldom the same again.
LONGEST_KNOWN = 30
NUMBERS = (int, float, bool, type(None))
# A key is secret if it has one of these in it, in any case, however its words are joined.
SECRET_WORDS = (
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "dsn",
    "passwd",
    "password",
    "passphrase",
    "privatekey",
    "secret",
    "token",
)
URL_CREDENTIALS = re.compile(r"(?<=://)[^/?#\s\"']*@")
# A word in small letters is one of a sentence.
SCHEMES = re.compile(
    r"\b((?i:Basic|Bearer))\s+(?=[\w.~+/=-]*[0-9A-Z_=+/~]|[\w.~+/=-]{20})[\w.~+/=-]+"
)
HEADERS = re.compile(r"\b(cookie|authorization): .*", re.IGNORECASE)
# What follows the key in JSON, a form, a query, XML, a repr, or PostgreSQL's (key)=(value).
# A value whose end is not clear is masked to the end of its line.
VALUE = r"""
    (?P<gap> [\w.\[\]-]{0,40} (?: \\? ["')] )* \s*
        (?: [:=]?>? (?<=[:=>]) | %3D | ,(?=\s*b?["']) ) \s* b? \(? )
    (?: (?P<quote> \\? ["'] ) .*? (?<!\\) (?P=quote) | [\[{].* | [^\s,;&"'<()\]}]+ )
"""


def redact(words: Collection[str] = ()) -> Processor:
    """Return a processor that masks the values of secret keys; ``words`` add to the table."""
    all_words = (*SECRET_WORDS, *words)
    words_of_keys = secret_key(all_words)
    key = re.compile(words_of_keys, re.VERBOSE)
    argument = re.compile(rf"((?<!\S)--[\w-]*{words_of_keys}[\w-]*\ +)[^\s-]\S*", re.VERBOSE)
    assignment = re.compile(f"(?P<key>{words_of_keys}){VALUE}", re.VERBOSE)
    # Most texts have none of it, and need no closer look.
    suspicious = suspicion(all_words)

    def mask(value: Any) -> Any:
        if isinstance(value, NUMBERS):
            return value
        if isinstance(value, bytes):
            value = value.decode("utf-8", "backslashreplace")
        if isinstance(value, str):
            if is_plain(value):
                return value
            if value.startswith(("{", "[")) and (data := _read_json(value)) is not None:
                return json.dumps(mask(data))
            for form, kept in FORMS:
                value = form.sub(rf"{kept}{MASK}", value)
            value = URL_CREDENTIALS.sub(f"{MASK}@", value)
            value = SCHEMES.sub(rf"\1 {MASK}", HEADERS.sub(rf"\1: {MASK}", value))
            value = argument.sub(rf"\1{MASK}", value)
            return assignment.sub(rf"\g<key>\g<gap>{MASK}", value)
        if isinstance(value, dict):
            return {name: MASK if is_secret(name) else mask(item) for name, item in value.items()}
        if isinstance(value, list | tuple) and len(value) == 2 and is_secret(value[0]):
            return (value[0], MASK)
        if isinstance(value, list | tuple | set | frozenset):
            return [mask(item) for item in value]
        return value

    def is_plain(text: str) -> bool:
        return (known if len(text) <= LONGEST_KNOWN else look)(text)

    def look(text: str) -> bool:
        if text.isalnum() and text.isascii():
            # Such as an id: a secret would stand between marks, or behind its key.
            return True
        # In lower case, since Python's expressions are eight times as slow without regard to it.
        looks_plain = text.isascii() and text[:1] not in ("{", "[")
        return looks_plain and suspicious.search(text.lower()) is None

    # The same texts, and the same names, come again with each event.
    known = lru_cache(maxsize=1024)(look)

    def is_secret(name: object) -> bool:
        return isinstance(name, str | bytes) and has_secret_word(name)

    @lru_cache(maxsize=1024)
    def has_secret_word(name: str | bytes) -> bool:
        return bool(key.search(str(name)))

    def process(_logger: object, _method: str, event: EventDict) -> EventDict:
        for name, value in event.items():
            is_harmless = is_plain(value) if type(value) is str else type(value) in NUMBERS
            if not is_harmless or has_secret_word(name):
                return {**mask(event)}
        return event

    return process


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
