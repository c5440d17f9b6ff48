"""What a page says to those who only read it."""

from __future__ import annotations

from crisislib.workbench.pages.visitor import Visitor


def test_only_who_works_on_an_incident_is_shown_a_command() -> None:
    assert [Visitor(role).works for role in ("viewer", "analyst", "responder")] == [False, True, True]
    assert Visitor("analyst").to_be_named and not Visitor("analyst", named=True).to_be_named
    assert not Visitor("viewer").to_be_named
