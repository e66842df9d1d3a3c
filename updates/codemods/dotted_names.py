"""Dotted names of modules and of what is in them, which a release changes."""

from __future__ import annotations

import re
from collections.abc import Mapping


class Names:
    """The dotted names that change."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(sorted(names.items(), reverse=True))
        self.words = {name.rpartition(".")[2] for name in names}

    def may_be_in(self, text: str) -> bool:
        """Tell whether a text has a word that may be one of the names."""
        return any(word in text for word in self.words)

    def find(self, name: str) -> str:
        """Return the new name of a module, or of something in it, or nothing if it stays."""
        old, new = self.match(name)
        return new + name[len(old) :] if old else ""

    def match(self, name: str) -> tuple[str, str]:
        """Return which of the names a name is, or is in, with its new one, or nothing."""
        for old, new in self.names.items():
            if f"{name}.".startswith(f"{old}.") and not self.is_done(name, old, new):
                return old, new
        return "", ""

    def is_done(self, name: str, old: str, new: str) -> bool:
        """Tell whether a name is a new one, which has the old one at its beginning."""
        return f"{new}.".startswith(f"{old}.") and f"{name}.".startswith(f"{new}.")

    def replace(self, text: str) -> str:
        """Replace the names where they stand written out."""
        for old, new in self.names.items():
            more = f"(?!{re.escape(new[len(old) :])}\\b)" if new.startswith(old) else ""
            text = re.sub(rf"(?<![\w.]){re.escape(old)}(?!\w){more}", new, text)
        return text
