"""Changes of all files of a folder: names that are renamed, files that move."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from updates.codemods.dotted_names import Names
from updates.codemods.renaming import rename_in_code
from updates.codemods.renaming_settings import rename_setting_in_code


def list_texts(folder: Path) -> Iterator[tuple[Path, str]]:
    """Give the text files of a folder, with their texts."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink():
            content = file.read_bytes()
            if b"\0" not in content:
                try:
                    yield file, content.decode()
                except UnicodeDecodeError:
                    continue


def change_texts(folder: Path, change: Callable[[Path, str], str]) -> None:
    """Write what a function makes of the text of each file, where that is another one."""
    for file, text in list_texts(folder):
        if (changed := change(file, text)) != text:
            file.write_bytes(changed.encode())


def rename(folder: Path, names: Mapping[str, str]) -> list[str]:
    """Rename modules and what is in them, by their dotted names; return the files to look at.

    In Python files imports and uses follow; everywhere else, the dotted names.
    """
    unread = []
    known = Names(names)

    def change(file: Path, text: str) -> str:
        if file.suffix == ".py" and known.may_be_in(text):
            module = ".".join(file.relative_to(folder).with_suffix("").parts)
            try:
                text = rename_in_code(text, module, known)
            except SyntaxError:
                unread.append(f"{file.relative_to(folder)}: it is no Python; rename in it yourself")
        return known.replace(text)

    change_texts(folder, change)
    return unread


def move_file(folder: Path, old: str, new: str) -> None:
    """Move a file or a folder, unless something is in its new place already."""
    source, destination = folder / old, folder / new
    if source.exists() and not destination.exists():
        destination.parent.mkdir(parents=True, exist_ok=True)
        source.rename(destination)


def move(folder: Path, old: str, new: str) -> list[str]:
    """Move a file or a folder of modules, and let all that names it follow, as ``rename`` does."""
    move_file(folder, old, new)
    word = re.compile(rf"(?<![\w./-]){re.escape(old)}(?![\w-])")
    change_texts(folder, lambda _, text: word.sub(lambda _: new, text))
    before, after = (path.removesuffix(".py").replace("/", ".") for path in (old, new))
    return rename(folder, {before: after})


def rename_setting(folder: Path, old: str, new: str) -> list[str]:
    """Rename a setting: its field, its uses, and its variable in all that sets it."""
    variable = re.compile(rf"(?<![A-Z0-9_]){old.upper()}(?![A-Z0-9_])")

    def change(file: Path, text: str) -> str:
        if file.suffix == ".py" and old in text:
            text = rename_setting_in_code(text, old, new)
        return variable.sub(new.upper(), text)

    change_texts(folder, change)
    return []
