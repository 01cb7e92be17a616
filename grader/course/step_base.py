"""Owns what all steps of a scenario have in common."""

# Annotations are evaluated here: as text, msgspec would have to compile each at every start.
from typing import TypeAlias

import msgspec

Names: TypeAlias = str | list[str]
"""One actor or several."""


def listed(names: Names) -> list[str]:
    """One name or several, as a list."""
    return [names] if isinstance(names, str) else names


def only_one(part: msgspec.Struct, keys: tuple[str, ...]) -> str | None:
    """What is wrong if not exactly one of these keys is there, or None."""
    given = [
        key for key in keys if (value := getattr(part, key)) is not None and value is not False
    ]
    if len(given) == 1:
        return None
    return (
        f"exactly one of {', '.join(keys)} is needed, and here is {' and '.join(given) or 'none'}"
    )


class StepBase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all steps."""

    @property
    def introduces(self) -> list[str]:
        """Names of the actors that this step brings into the scenario."""
        return []

    @property
    def mentions(self) -> list[str]:
        """Names of actors that must be there before this step."""
        return []

    @property
    def opens(self) -> list[str]:
        """Names of the peers that this step brings into the scenario."""
        return []

    @property
    def uses(self) -> list[str]:
        """Names of peers that must be there before this step."""
        return []

    @property
    def records(self) -> list[str]:
        """Names under which this step puts down what the grader saw."""
        return []

    @property
    def fault(self) -> str | None:
        """What is wrong with the combination of its keys, or None."""
        return None
