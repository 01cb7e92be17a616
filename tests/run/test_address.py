"""Sockets of ours are there for programs of other users, and only where they are meant to be."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from grader.run.address import is_served, listen, parse_address


def test_a_program_of_another_user_may_connect(tmp_path: Path) -> None:
    address = parse_address(f"unix:{tmp_path}/here")
    mask = os.umask(0o077)
    try:
        with listen(address, os.getpid()):
            assert stat.S_IMODE((tmp_path / "here").stat().st_mode) == 0o777
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(mask)


@pytest.mark.parametrize("place", ["unix:FOLDER/here", "unix:@grade-test-address"])
def test_an_address_is_served_as_long_as_somebody_listens(tmp_path: Path, place: str) -> None:
    address = parse_address(place.replace("FOLDER", str(tmp_path)))
    inside = os.getpid()
    assert not is_served(address, inside)
    with listen(address, inside):
        assert is_served(address, inside)
    assert not is_served(address, inside)
