"""What a merge means, beyond its text: which names of files are there, and which are missing."""

from updates.meaning.missing import Code, find_all_missing, list_missing_names

__all__ = ["Code", "find_all_missing", "list_missing_names"]
