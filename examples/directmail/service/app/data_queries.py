"""Statements on the premises."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.data_types import PremisesFilters
from app.models import Premises
from app.standard.database import connect


def select_premises(filters: PremisesFilters) -> Select[Any]:
    """Select the premises that pass all filters, by postcode and UPRN.

    ``rfs_date_after`` includes its day, ``rfs_date_before`` does not; premises without a date
    pass neither.
    """
    conditions: list[ColumnElement[bool]] = []
    if filters.communities is not None:
        conditions.append(Premises.community.in_(filters.communities))
    if filters.rfs is not None:
        conditions.append(Premises.rfs == filters.rfs)
    if filters.rfs_date_before is not None:
        conditions.append(Premises.rfs_date < filters.rfs_date_before)
    if filters.rfs_date_after is not None:
        conditions.append(Premises.rfs_date >= filters.rfs_date_after)
    if filters.business is not None:
        conditions.append(Premises.business == filters.business)
    if filters.bduk is not None:
        conditions.append(Premises.bduk == filters.bduk)
    if filters.segments is not None:
        conditions.append(Premises.segment.in_(filters.segments))
    columns = Premises.__table__.columns
    return select(*columns).where(*conditions).order_by(Premises.postcode, Premises.uprn)


def select_communities() -> Select[Any]:
    """Select the communities, in order: one step in the index for each, whatever it has."""
    first = select(func.min(Premises.community).label("name")).cte("names", recursive=True)
    following = select(func.min(Premises.community)).where(Premises.community > first.c.name)
    names = first.union_all(
        select(following.scalar_subquery()).select_from(first).where(first.c.name.is_not(None))
    )
    # As the contract says; England has some 10,000 parishes.
    return select(names.c.name).where(names.c.name.is_not(None)).limit(20_000)


async def find_communities() -> list[str]:
    """Return the communities that have premises, in order."""
    async with connect() as connection:
        return [*await connection.scalars(select_communities())]
