"""The tables of this service."""

# {%- if cookiecutter.sample == "items" +%}
# {% print "\n" %}
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.standard.database import Base


class ItemRow(Base):
    """One item."""

    __tablename__ = "items"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(50), index=True)
    active: Mapped[bool]
    created_on: Mapped[date] = mapped_column(index=True)


# {%- endif +%}
