"""Owns the table of attack programs: each file under attacks/ says in its first comment what it
tries and what must come of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).parent / "attacks"
_LINE = re.compile(r"^(?://|#) (\w+): (.*)$")


@dataclass(frozen=True)
class Attack:
    """One attack program.

    threat: the heading of docs/isolation.md that it stands under. attack, happens: what it tries
    and what comes of it, as the table says; weaker: what comes of it in the tier landlock. expect:
    the outcomes that are right ("finished", "limit:cpu").
    """

    path: Path
    said: dict[str, str] = field(hash=False)

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def threat(self) -> str:
        return self.said["threat"]

    @property
    def attack(self) -> str:
        return self.said["attack"]

    @property
    def happens(self) -> str:
        return self.said["happens"]

    @property
    def weaker(self) -> str:
        return self.said.get("landlock", self.happens)

    @property
    def stopped(self) -> bool:
        return self.said.get("stopped") != "no"

    @cached_property
    def expect(self) -> set[str]:
        return set(self.said.get("expect", "finished").split())

    @cached_property
    def tiers(self) -> list[str]:
        return self.said.get("tiers", "namespaces landlock").split()

    @cached_property
    def sees(self) -> set[str]:
        return set(self.said.get("sees", "").split())

    @cached_property
    def bounds(self) -> dict[str, int]:
        pairs = (pair.split("=") for pair in self.said.get("bounds", "").split())
        return {name: int(value) << (20 if name == "memory" else 0) for name, value in pairs}

    @property
    def argument(self) -> str | None:
        return self.said.get("args")

    @property
    def runs(self) -> int:
        return int(self.said.get("runs", "1"))

    @property
    def others(self) -> int:
        """How many programs start and end beside it, once it has said "ready"."""
        return int(self.said.get("others", "0"))

    @property
    def most(self) -> float:
        """The largest number that it may come to print as its last line."""
        return float(self.said.get("most", "inf"))

    @property
    def prints(self) -> bool:
        """Whether it says "held" at its end."""
        return self.said.get("prints") != "no" and self.expect == {"finished"}

    @property
    def residue(self) -> str | None:
        return self.said.get("residue")

    @property
    def flags(self) -> list[str]:
        return self.said.get("flags", "").split()


def attacks() -> list[Attack]:
    """All of them, in the order of their file names."""
    return [_read(path) for path in sorted(FOLDER.iterdir()) if path.suffix in (".c", ".py")]


def _read(path: Path) -> Attack:
    said = {}
    for line in path.read_text().splitlines():
        match = _LINE.match(line)
        if match is None:
            break
        said[match[1]] = match[2]
    return Attack(path, said)
