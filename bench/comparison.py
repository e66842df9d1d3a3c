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
    processor: dict[str, list[float]] = field(default_factory=dict)

    @property
    def servers(self) -> list[str]:
        """The servers that take part, those that are compared first."""
        compared, others = zip(*self.bars, strict=True)
        return list(dict.fromkeys([*compared, *others]))

    def add(self, server: str, seconds: float, processor: float = 0.0) -> None:
        """Add what a server took in one round, and what it had of the processor."""
        self.seconds.setdefault(server, []).append(seconds)
        self.processor.setdefault(server, []).append(processor)

    def report(self) -> Iterator[str]:
        """Give a line for each server."""
        for server, seconds in self.seconds.items():
            times = (min(seconds), median(seconds), median(self.processor[server]))
            columns = " ".join(f"{each * 1000:9.3f}" for each in times)
            ratios = [
                f"{self.ratio(server, other):.2f} x {other} (bar {bar:.2f})"
                for (name, other), bar in self.bars.items()
                if name == server
            ]
            yield f"{f'{server} {self.name}':20} {columns}  {', '.join(ratios)}".rstrip()

    def missed(self) -> Iterator[str]:
        """Give a line for each bar that is missed."""
        for (server, other), bar in self.bars.items():
            if (ratio := self.ratio(server, other)) < bar:
                yield f"{server} {self.name}: {ratio:.2f} x {other}, the bar is {bar:.2f}"

    def ratio(self, server: str, other: str) -> float:
        """Return how many times as fast a server is as another one."""
        return median(self.seconds[other]) / median(self.seconds[server])
