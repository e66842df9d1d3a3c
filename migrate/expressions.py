"""Expressions that answers are made of."""

from __future__ import annotations

import libcst as cst


def data_of(call: cst.Call) -> cst.BaseExpression | None:
    """Return the data of a call of ``jsonify``."""
    if any(each.star for each in call.args):
        return None
    named = [each for each in call.args if each.keyword]
    plain = [each.value for each in call.args if not each.keyword]
    if named and not plain:
        pairs = [
            cst.DictElement(cst.SimpleString(f'"{each.keyword.value}"'), each.value)
            for each in named
            if each.keyword
        ]
        return cst.Dict(pairs)
    if len(plain) == 1:
        return plain[0]
    return cst.List([cst.Element(each) for each in plain])


def tuple_of(parts: list[cst.BaseExpression]) -> cst.BaseExpression:
    """Return a tuple without parentheses, or what stands alone."""
    if len(parts) == 1:
        return parts[0]
    return cst.Tuple([cst.Element(each) for each in parts], lpar=[], rpar=[])
