"""Lists of values as one argument each, as COPY takes few and the list of a caller is long."""

from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import operators
from sqlalchemy.sql.visitors import replacement_traverse

T = TypeVar("T", bound=sa.ClauseElement)
# Their lists have no array of one type, or none that compares alike: a REAL is bound as a double.
KEPT = (sa.types.NullType, sa.types.TupleType, sa.ARRAY, sa.JSON, sa.REAL)


def bind_lists_as_arrays(statement: T) -> T:
    """Return the statement with arrays in the place of the lists of IN and NOT IN."""
    return cast(T, replacement_traverse(statement, {}, _array_of))


def _array_of(element: Any, **_options: Any) -> sa.ColumnElement[bool] | None:
    if not isinstance(element, sa.BinaryExpression):
        return None
    values, operator = element.right, element.operator
    if operator not in (operators.in_op, operators.not_in_op) or not (
        isinstance(values, sa.BindParameter) and values.expanding and values.value is not None
    ):
        return None
    if isinstance(values.type, KEPT) or values.literal_execute:
        return None
    array = sa.bindparam(None, [*values.value], ARRAY(values.type), unique=True)
    if operator is operators.in_op:
        return element.left == sa.any_(array)
    return element.left != sa.all_(array)
