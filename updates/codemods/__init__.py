"""What migrations of code are made of: changes of a folder that may be made again and again."""

from updates.codemods.folders import move, move_file, rename, rename_setting
from updates.codemods.gone import list_uses

__all__ = ["list_uses", "move", "move_file", "rename", "rename_setting"]
