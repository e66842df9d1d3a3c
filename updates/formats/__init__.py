"""The team's format, which the renders take on before a merge: its formatter, and ends of lines."""

from updates.formats.ends import follow_ends
from updates.formats.formatting import format_renders

__all__ = ["follow_ends", "format_renders"]
