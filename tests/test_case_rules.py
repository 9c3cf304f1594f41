"""The rules of cases: numbers as people type them, stages, and who may touch what."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.cases import (
    LAST_WORDS_LENGTH,
    Case,
    CaseAlreadyClosed,
    CaseState,
    NotTheOwner,
    Stage,
    check_can_close,
    check_owner,
    is_further,
    label,
    last_words,
    number_of,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_case(**changes: object) -> Case:
    """An open case of officer Li."""
    facts: dict[str, object] = {
        "number": 1042, "resident_chat_id": 101, "area": "riverside", "owner": "li",
        "owner_chat_id": 900001, "owner_reason": "responsible", "state": CaseState.OPEN,
        "stage": Stage.SENT, "card": 7, "receipt": 8, "last_words": "", "opened_at": NOON,
        "active_at": NOON, "answered_at": None, "closed_at": None,
    }  # fmt: skip
    return Case(**{**facts, **changes})  # type: ignore[arg-type]  # facts by name, for brevity


@pytest.mark.parametrize("typed", ["C-1042", "c1042", " 1042 ", "C 1042", "c-1042"])
def test_a_case_number_is_understood_as_people_type_it(typed: str) -> None:
    """Small print is typed in many ways."""
    assert number_of(typed) == 1042


@pytest.mark.parametrize("typed", ["", "C-", "C-10x", "-5", "١٠٤٢", "9" * 18, "Ana"])
def test_what_is_no_case_number_is_none(typed: str) -> None:
    """A name or a forged value is never taken for a number."""
    assert number_of(typed) is None


def test_the_label_is_what_people_see() -> None:
    """The same everywhere."""
    assert label(1042) == "C-1042"


def test_stages_only_go_further() -> None:
    """The writer is never told less than is known, nor the same twice."""
    order = [Stage.KEPT, Stage.SENT, Stage.SEEN, Stage.ANSWERED]
    for place, stage in enumerate(order):
        assert [is_further(each, stage) for each in order] == [
            other > place for other in range(len(order))
        ]


def test_last_words_fit_on_a_button() -> None:
    """One line, and a sign when something is left out."""
    assert last_words("a\n b") == "a b"
    long = last_words("x" * 100)
    assert len(long) == LAST_WORDS_LENGTH
    assert long.endswith("…")


def test_only_the_owner_may_touch_a_case() -> None:
    """Another officer, or nobody of the roster, is refused with the owner's code."""
    check_owner(a_case(), "li")
    for other in ("wang", None):
        with pytest.raises(NotTheOwner) as refusal:
            check_owner(a_case(), other)
        assert (refusal.value.number, refusal.value.owner) == (1042, "li")


def test_a_case_is_closed_once() -> None:
    """A second press is told so."""
    check_can_close(a_case(), "li")
    with pytest.raises(CaseAlreadyClosed) as refusal:
        check_can_close(a_case(state=CaseState.CLOSED), "li")
    assert refusal.value.number == 1042
