"""How secrets look in texts: under their keys, and in forms that need no key."""

import re
from collections.abc import Collection

# Many a harmless word has these in it, so they are words of their own: userPin, but no shipping.
SHORT_SECRET_WORDS = ("cvc", "cvv", "iban", "otp", "pin", "pwd", "ssn")
# What a word goes on with where the value is known to all, or is of another word.
HARMLESS_ENDS = r"""
    (?! s? [-_]? (?i: algorithm | (?: [a-z]{1,20}ed [-_]? )? at | count | endpoint | expires?
        | expiry | file | length | lifetime | limit | name | path | policy | ttl | type | ur[il]
        )s? (?![a-z])
      | ary | cutter | i[sz]e[drs]? | i[sz]ing | less )
"""
# RFC 7519 and 7516: base64url of ``{"``, and two to four parts more.
SIGNED = re.compile(r"\beyJ[\w-]+(?:\.[\w-]*){2,4}")
# RFC 7468; the end may be cut off.
PEM = re.compile(r"(-----BEGIN [A-Z0-9 ]+-----).*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL)
# {% if cookiecutter.use_database %}
# What the database says of the values of a row, until something else begins.
ROW_VALUES = re.compile(
    r"""(
      Failing\ row\ contains\ (?=\()
    | key\ \([^\n]{1,200}?\)= (?=\()
    | invalid\ input\ for\ query\ argument\ \$\d+:\s
    | invalid\ input\ (?:syntax|value)\ for\ [^:\n]{1,80}:\s
    | \b[\w/\ ]{1,40}\ out\ of\ range:\s
    | malformed\ [\w\ ]{1,40}\ literal:\s
    | \bvalue\ (?="[^\n]{0,200}\ out\ of\ range)
    | \bToken\ (?="[^\n]{0,200}\ is\ invalid)
    | JSON\ data,\ line\ \d+:\s
    | COPY\ [\w".]+,\ line\ \d+(?:,\ column\ [\w"]+)?:\s
    ).*?(?= \n (?: DETAIL|HINT|CONTEXT|QUERY|\[SQL|\(Background|Traceback|\s ) | \n?\Z )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
# {% endif %}
# Each with what stays of it.
FORMS = (
    (PEM, r"\1"),
    (SIGNED, ""),
    # {% if cookiecutter.use_database %}
    (ROW_VALUES, r"\1"),
    # {% endif %}
)
# Texts without any of them, in lower case, have none of these forms.
MARKS = ["://", "basic", "bearer", "eyj", "-----begin"]
# {% if cookiecutter.use_database %}
MARKS += ["row contains", ")=(", "invalid input", "out of range", "malformed", "is invalid"]
MARKS += ["json data", ", line "]
# {% endif %}


def secret_key(words: Collection[str]) -> str:
    """Return a pattern of keys that have one of the words in them, or a short one as a word."""
    whole = "|".join(_joined(word) for word in words)
    short = "|".join(_alone(word) for word in SHORT_SECRET_WORDS)
    return f"(?:(?i:{whole})|{short}){HARMLESS_ENDS}"


def suspicion(words: Collection[str]) -> re.Pattern[str]:
    """Return what finds one of the words, or another mark, in a text in lower case."""
    found = [_joined(word) for word in (*SHORT_SECRET_WORDS, *words)]
    return re.compile("|".join([*found, *map(re.escape, MARKS)]))


def _joined(word: str) -> str:
    return "[-_\\ ]?".join(re.sub(r"\W|_", "", word).casefold())


def _alone(word: str) -> str:
    """Return a pattern of a word among others: pin_code, userPin, PIN."""
    first = word.capitalize()
    return (
        rf"(?:(?<![A-Za-z]){word}|(?<![A-Z]){first})(?![a-z])"
        rf"|(?<![A-Z]){word.upper()}(?![A-Za-z])"
    )
