"""Owns what an unquoted YAML scalar means: the core schema of YAML 1.2, section 10.3.

YAML 1.1 would read `no` as false, `1:30` as 90 and `010` as 8; here they are text, text and ten.
"""

from __future__ import annotations

import math
import re
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
# Without .inf and .nan: they have no place in a course file, so they stay text and are refused.
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASES = {"0o": 8, "0x": 16}
_LONGEST = 25
"""More characters than any number of 64 bits has in decimal or octal."""

_KINDS: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
}


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar. ValueError with a message: a number beyond 64 bits."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        if len(text) <= _LONGEST:
            base = _BASES.get(text[:2], 10)
            number = int(text.removeprefix("0o"), base)
            if -(2**63) <= number < 2**63:
                return number
        raise ValueError("this number is too large")
    if _FLOAT.fullmatch(text):
        value = float(text)
        if not math.isfinite(value):
            raise ValueError("this number is too large")
        return value
    return text


def resolve_tagged(text: str, kind: str) -> Scalar:
    """The value of a scalar that is tagged `!!kind`.

    ValueError with a message: the text is no such value, or the tag is none of the core schema.
    """
    if kind == "str":
        return text
    if kind not in _KINDS:
        raise ValueError(f"the tag `{kind}` is not plain data")
    value = resolve(text)
    if type(value) not in _KINDS[kind]:
        raise ValueError(f"`{text}` is not what its tag !!{kind} says")
    return value
