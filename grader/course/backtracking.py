"""Owns telling which regular expressions can explode: take time that doubles with each character.

A matcher that backtracks tries every way in which a text can be read. If inside a loop one and the
same text can be read in two ways, n such texts can be read in 2^n, and all are tried when what
comes behind the loop does not fit. That is a property of the position automaton (Glushkov 1961),
exponential ambiguity (Weber and Seidl 1991), so nothing is guessed from how a pattern looks:
`(a+)+b` explodes, `([a-z]+,)+b` does not.

What it does not see: back references and what is inside atomic groups count as harmless, and time
that only grows with a power of the length is not meant.
"""

from __future__ import annotations

import importlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import msgspec

_COPIES = 6
"""A counted repetition of up to so many is written out; a longer one counts as endless."""

_ENDLESS: Any = importlib.import_module("re._constants").MAXREPEAT

_LARGEST_LOOP = 60
"""Positions of one loop; a larger one is not judged."""

Characters: TypeAlias = frozenset[int]


def explodes(pattern: str) -> bool:
    """Whether re.search with it can take exponential time. re.error: it is no pattern."""
    # The parser of `re` is its own business, so that type checkers know nothing of it.
    tree: Any = importlib.import_module("re._parser").parse(pattern)
    return _Automata(pattern, tree.state.flags).any_explodes(tree)


class _Part(msgspec.Struct, frozen=True):
    """What a part of the pattern may begin and end with: positions, with in how many ways.

    empty: in how many ways it matches nothing. free: positions behind which it is done whatever
    comes next. freely_empty: it can match nothing whatever comes next.
    """

    first: Counter[int] = msgspec.field(default_factory=Counter)
    last: Counter[int] = msgspec.field(default_factory=Counter)
    empty: int = 1
    free: frozenset[int] = frozenset()
    freely_empty: bool = True


class _Automata:
    """Builds the position automaton of a pattern, and of those that stand by themselves in it."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._flags = flags
        self._ignore_case = bool(flags & re.IGNORECASE)
        self._dot_all = bool(flags & re.DOTALL)
        # What no literal and no category of the pattern tells apart needs no other member.
        literals = {ord(char) for char in pattern}
        self._universe = (
            frozenset(range(256)) | literals | frozenset(map(ord, "λΩжя٣字\u2003\u2028"))
        )
        self._characters: list[Characters] = []
        self._follow: dict[int, Counter[int]] = defaultdict(Counter)
        self._bodies: list[range] = []
        self._alone: list[Any] = []

    def any_explodes(self, tree: Any) -> bool:
        whole = self._sequence(tree)
        if self._is_ambiguous(whole.free):
            return True
        return any(self._by_itself(part) for part in self._alone)

    def _by_itself(self, tree: Any) -> bool:
        inner = _Automata("", self._flags)
        inner._universe = self._universe
        inner._dot_all = self._dot_all
        inner._ignore_case = self._ignore_case
        return inner.any_explodes(tree)

    def _sequence(self, items: Iterable[Any]) -> _Part:
        whole = _Part()
        for item in items:
            whole = self._then(whole, self._part(*item))
        return whole

    def _part(self, op: Any, argument: Any) -> _Part:
        match str(op):
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                return self._position(self._members(str(op), argument))
            case "AT":
                return _Part(freely_empty=False)
            case "SUBPATTERN":
                _, more, fewer, body = argument
                return self._flagged(more, fewer, body)
            case "BRANCH":
                return self._either(self._sequence(branch) for branch in argument[1])
            case "GROUPREF_EXISTS":
                _, then, otherwise = argument
                return self._either((self._sequence(then), self._sequence(otherwise or ())))
            case "MAX_REPEAT" | "MIN_REPEAT":
                return self._repeat(*argument)
            case "ASSERT" | "ASSERT_NOT":
                self._alone.append(argument[1])
                return _Part(freely_empty=False)
            case "ATOMIC_GROUP":
                self._alone.append(argument)
            case "POSSESSIVE_REPEAT":
                self._alone.append(argument[2])
        return self._position(frozenset())  # read in one way or not at all

    def _flagged(self, more: int, fewer: int, body: Any) -> _Part:
        before = self._ignore_case, self._dot_all
        flags = self._flags_now() & ~fewer | more
        self._ignore_case = bool(flags & re.IGNORECASE)
        self._dot_all = bool(flags & re.DOTALL)
        part = self._sequence(body)
        self._ignore_case, self._dot_all = before
        return part

    def _flags_now(self) -> int:
        return (re.IGNORECASE if self._ignore_case else 0) | (re.DOTALL if self._dot_all else 0)

    def _position(self, characters: Characters) -> _Part:
        self._characters.append(characters)
        new = len(self._characters) - 1
        return _Part(Counter([new]), Counter([new]), 0, frozenset([new]), False)

    def _then(self, left: _Part, right: _Part) -> _Part:
        self._connect(left, right)
        return _Part(
            first=left.first + _times(right.first, left.empty),
            last=right.last + _times(left.last, right.empty),
            empty=min(2, left.empty * right.empty),
            free=right.free | (left.free if right.freely_empty else frozenset()),
            freely_empty=left.freely_empty and right.freely_empty,
        )

    def _either(self, parts: Iterable[_Part]) -> _Part:
        found = list(parts)
        return _Part(
            first=sum((part.first for part in found), Counter()),
            last=sum((part.last for part in found), Counter()),
            empty=min(2, sum(part.empty for part in found)),
            free=frozenset[int]().union(*(part.free for part in found)),
            freely_empty=any(part.freely_empty for part in found),
        )

    def _repeat(self, low: int, high: int, body: Any) -> _Part:
        endless = high > _COPIES
        needed = min(low, _COPIES)
        whole = _Part()
        for _ in range(needed - endless if needed else 0):
            whole = self._then(whole, self._sequence(body))
        if endless:
            start = len(self._characters)
            loop = self._sequence(body)
            self._bodies.append(range(start, len(self._characters)))
            self._connect(loop, loop)
            if loop.empty and high is not _ENDLESS:
                # Which of the turns matched nothing is a choice too: `(a?){30}`.
                self._connect(loop, loop)
            # The matcher leaves a loop after a turn that matched nothing, so that is one way.
            freely = loop.freely_empty or low == 0
            empty = 1 if low == 0 else min(1, loop.empty)
            return self._then(whole, _Part(loop.first, loop.last, empty, loop.free, freely))
        optional = _Part()
        for _ in range(high - needed):
            once = self._then(self._sequence(body), optional)
            optional = _Part(once.first, once.last, 1, once.free, True)
        return self._then(whole, optional)

    def _connect(self, left: _Part, right: _Part) -> None:
        for position, ways in left.last.items():
            self._follow[position] += _times(right.first, ways)

    def _members(self, op: str, argument: Any) -> Characters:
        match op:
            case "LITERAL":
                return self._cased(char for char in self._universe if char == argument)
            case "NOT_LITERAL":
                return self._universe - {argument}
            case "ANY":
                return self._universe if self._dot_all else self._universe - {ord("\n")}
        found: set[int] = set()
        negated = False
        for kind, value in argument:
            match str(kind):
                case "NEGATE":
                    negated = True
                case "LITERAL":
                    found.add(value)
                case "RANGE":
                    found.update(char for char in self._universe if value[0] <= char <= value[1])
                case "CATEGORY":
                    found.update(char for char in self._universe if _is_in(str(value), char))
        members = self._cased(found)
        return self._universe - members if negated else members

    def _cased(self, characters: Iterable[int]) -> Characters:
        if not self._ignore_case:
            return frozenset(characters)
        texts = {text for char in characters for text in (chr(char).lower(), chr(char).upper())}
        return frozenset(ord(text) for text in texts if len(text) == 1)

    def _is_ambiguous(self, free: frozenset[int]) -> bool:
        """Whether some loop can read one text in two ways, and leaving it can fail."""
        return any(
            len(loop) <= _LARGEST_LOOP and not loop & free and self._reads_twice(loop)
            for loop in self._loops()
        )

    def _loops(self) -> Iterator[frozenset[int]]:
        """The strongly connected positions: those of each loop that is in no other one."""
        end = 0
        for body in sorted(self._bodies, key=lambda body: (body.start, -body.stop)):
            if body.stop > end:
                end = body.stop
                yield frozenset(body)

    def _reads_twice(self, loop: frozenset[int]) -> bool:
        if any(self._follow[one][two] > 1 for one in loop for two in loop):
            return True
        pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
        back: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        waiting = [(one, one) for one in loop]
        while waiting:
            pair = waiting.pop()
            if pair in pairs:
                continue
            pairs[pair] = [
                (one, two)
                for one in self._follow[pair[0]].keys() & loop
                for two in self._follow[pair[1]].keys() & loop
                if self._characters[one] & self._characters[two]
            ]
            for after in pairs[pair]:
                back[after].append(pair)
            waiting += pairs[pair]
        returning = {pair for one in loop for pair in _reached((one, one), back)}
        return any(one != two for one, two in returning)


def _times(positions: Counter[int], ways: int) -> Counter[int]:
    """So many times as many ways; more than two are as bad as two."""
    return Counter({at: min(2, own * ways) for at, own in positions.items() if ways})


def _reached(start: Any, edges: Any) -> set[Any]:
    """All that one or more edges lead to."""
    found: set[Any] = set()
    waiting = list(edges.get(start, ()))
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += edges.get(here, ())
    return found


def _is_in(category: str, char: int) -> bool:
    text = chr(char)
    kind = category.removeprefix("CATEGORY_").removeprefix("UNI_")
    belongs = {
        "DIGIT": text.isdecimal(),
        "SPACE": text.isspace(),
        "WORD": text.isalnum() or text == "_",
        "LINEBREAK": text == "\n",
    }[kind.removeprefix("NOT_")]
    return belongs is not kind.startswith("NOT_")
