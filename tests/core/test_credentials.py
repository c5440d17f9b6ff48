"""Secrets of watch files from the environment or the keyring, and what is said where neither has them."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType, SimpleNamespace

import pytest

from crisislib.core.credentials import filled, mask_known
from crisislib.core.errors import WatchError

NAME = "PLANTED_TOKEN_OF_A_TEST"


class KeyringError(Exception):
    """As the package has it."""


class NoKeyringError(KeyringError):
    """As the package has it."""


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | Exception]:
    """A keyring that is installed, and what it has."""
    values: dict[str, str | Exception] = {}

    def get_password(service: str, name: str) -> str | None:
        assert service == "crisis-workbench"
        value = values.get(name)
        if isinstance(value, Exception):
            raise value
        return value

    module = ModuleType("keyring")
    module.get_password = get_password  # type: ignore[attr-defined]
    module.errors = SimpleNamespace(KeyringError=KeyringError, NoKeyringError=NoKeyringError)  # type: ignore[attr-defined]
    module.__spec__ = importlib.util.spec_from_loader("keyring", None)
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.delenv(NAME, raising=False)
    return values


def remedy() -> str:
    with pytest.raises(WatchError, match=NAME) as caught:
        filled(f"Bearer ${{{NAME}}}", where="source x")
    return caught.value.do


def test_the_environment_comes_before_the_keyring(
    stored: dict[str, str | Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored[NAME] = "of-the-keyring"
    assert filled(f"Bearer ${{{NAME}}}", where="source x") == "Bearer of-the-keyring"
    assert mask_known("it said of-the-keyring") == "it said ***"
    monkeypatch.setenv(NAME, "of-the-environment")
    assert filled(f"${{{NAME}}}", where="source x") == "of-the-environment"


def test_a_keyring_without_the_name_locked_or_missing_says_what_to_do(stored: dict[str, str | Exception]) -> None:
    assert f"keyring set crisis-workbench {NAME}" in remedy()
    stored[NAME] = KeyringError("locked: pa55word")
    assert "unlock" in remedy() and "pa55word" not in remedy()
    stored[NAME] = NoKeyringError("no backend")
    assert "this system has no keyring" in remedy()


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    monkeypatch.delenv(NAME, raising=False)
    assert "pip install 'crisislib[keyring]'" in remedy()
