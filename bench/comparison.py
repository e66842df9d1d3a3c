"""What servers take for the same work, and how it compares."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Comparison:
    """The seconds of servers, and how fast they must be beside each other.

    A bar is of a server and the one that it is compared with: the other's time by its own, at
    least.
    """

    name: str
    bars: dict[tuple[str, str], float]
    seconds: dict[str, list[float]] = field(default_factory=dict)

    @property
    def servers(self) -> list[str]:
        """The servers that take part, those that are compared first."""
        return list(dict.fromkeys(name for place in (0, 1) for name in self._column(place)))

    def add(self, server: str, seconds: float) -> None:
        """Add what a server took in one round."""
        self.seconds.setdefault(server, []).append(seconds)

    def median(self, server: str) -> float:
        """Return the seconds of a server in its round in the middle."""
        return median(self.seconds[server])

    def report(self) -> Iterator[str]:
        """Give a line for each server."""
        for server in self.servers:
            best, middle = min(self.seconds[server]) * 1000, self.median(server) * 1000
            ratios = [
                f"{self._ratio(server, other):6.2f} x {other} (bar {bar:.2f})"
                for (name, other), bar in self.bars.items()
                if name == server
            ]
            label = f"{server} {self.name}"
            yield f"{label:20} {best:9.3f} {middle:9.3f}  {', '.join(ratios)}".rstrip()

    def missed(self) -> Iterator[str]:
        """Give a line for each bar that is missed."""
        for (server, other), bar in self.bars.items():
            if (ratio := self._ratio(server, other)) < bar:
                yield f"{server} {self.name}: {ratio:.2f} x {other}, the bar is {bar:.2f}"

    def _ratio(self, server: str, other: str) -> float:
        return self.median(other) / self.median(server)

    def _column(self, place: int) -> list[str]:
        return [pair[place] for pair in self.bars]
