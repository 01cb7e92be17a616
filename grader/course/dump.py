"""Owns writing YAML: plain values as text that `course.yaml` reads as the same values."""

from __future__ import annotations

import yaml

from grader.course.scalars import resolve
from grader.course.yaml import Plain

_OTHER_BREAKS = frozenset("\r\x85\u2028\u2029")
"""Line breaks for YAML 1.1, which folds them away, and plain characters for YAML 1.2."""


def dump(value: Plain) -> str:
    """The values as YAML 1.2, keys in their order; what fits on a line in braces and brackets."""
    text: str = yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=100,
    )
    return text


class _Dumper(yaml.SafeDumper):
    """PyYAML writes by YAML 1.1: it knows fewer numbers than YAML 1.2 does, and would leave text
    that looks like one of the others without quotes."""

    def ignore_aliases(self, _data: object) -> bool:
        return True  # every value written out: people read it

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - PyYAML's signature
        super().increase_indent(flow, indentless=False)  # lists stand below their key, indented


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if _is_no_text(text) or not _OTHER_BREAKS.isdisjoint(text):
        style = '"'
    elif "\n" in text:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_no_text(text: str) -> bool:
    """Whether it would be read as something else if it had no quotes."""
    try:
        return not isinstance(resolve(text), str)
    except ValueError:
        return True


_Dumper.add_representer(str, _text)
