"""The tables of this service."""

from datetime import date

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.standard.database import Base


class Premises(Base):
    """A premises that may be written to."""

    __tablename__ = "premises"
    # The order of exports: what most premises pass is read in it, and not sorted.
    __table_args__ = (Index("ix_premises_postcode_uprn", "postcode", "uprn"),)

    uprn: Mapped[str] = mapped_column(String(12), primary_key=True)
    postcode: Mapped[str] = mapped_column(String(8))
    community: Mapped[str] = mapped_column(String(100), index=True)
    rfs: Mapped[bool]
    rfs_date: Mapped[date | None] = mapped_column(index=True)
    bduk: Mapped[bool]
    segment: Mapped[str] = mapped_column(String(10))
    business: Mapped[bool]
