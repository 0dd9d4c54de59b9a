"""What of a recording could not be used, said one by one as far as that helps, and counted in full."""

from dataclasses import dataclass, field

MOST_LISTED = 200


@dataclass
class Problems:
    """Problems in the order in which they were found, each with its place."""

    count: int = 0
    _listed: list[str] = field(default_factory=list)

    def add(self, place: str, message: str) -> None:
        """Count a problem, and list it if there are not too many."""
        self.count += 1
        if len(self._listed) < MOST_LISTED:
            self._listed.append(f"{place}: {message}")

    def lines(self) -> tuple[str, ...]:
        """As ``trace.json`` lists them; the last line says how many more there were."""
        more = self.count - len(self._listed)
        return (*self._listed, f"and {more:,} more") if more else tuple(self._listed)
