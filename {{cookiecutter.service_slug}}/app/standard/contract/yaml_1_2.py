"""YAML as OpenAPI wants it: scalars are read as YAML 1.2 has them, not as PyYAML does (1.1)."""

import re
from typing import Any, ClassVar

import yaml

# YAML 1.2.2, section 10.3.2: what a plain scalar must be, and the characters that it begins with.
CORE_SCHEMA = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", [*"-+0123456789"]),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        [*"-+.0123456789"],
    ),
    # It is of YAML 1.1, but many contracts have it, and it says nothing else.
    ("merge", r"<<", ["<"]),
)


# A PyYAML that was built without libyaml has only the slower one.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Refuses a key that is there twice, of which PyYAML would take the last."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Return the mapping."""
        seen = set()
        for key_node, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            # As in JSON, a key is a text: 200 and "200" are one.
            key = str(key_node.value)
            if key in seen and not key_node.tag.endswith(":merge"):
                message = f"the key {key_node.value} is there twice"
                raise yaml.constructor.ConstructorError(None, None, message, key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_int(self, node: Any) -> int:
        """Return an integer; a 0 in front makes none of base 8."""
        text = self.construct_scalar(node)
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)


for tag, pattern, first in CORE_SCHEMA:
    full = re.compile(f"(?:{pattern})$")
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", full, first)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_int)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_scalar)


def read_yaml(text: str) -> Any:
    """Return what a document of YAML says; raise ``YAMLError`` for what is none."""
    # The loader is a safe one, with other scalars.
    return yaml.load(text, _Loader)  # noqa: S506
