"""What requests bring."""

from datetime import date

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class PremisesFilters:
    """Which premises to write to; a filter that is None does not filter."""

    communities: list[str] | None = None
    rfs: bool | None = None
    rfs_date_before: date | None = None
    rfs_date_after: date | None = None
    business: bool | None = None
    bduk: bool | None = None
    segments: list[str] | None = None
