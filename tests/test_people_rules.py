"""People: what a name may do to the messages it stands in."""

from __future__ import annotations

import pytest

from bot.domain.people import NAME_LENGTH, NAMELESS, name_of


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("Ana", "Ng", "Ana Ng"),
        ("Ana", "", "Ana"),
        ("Ana\n\nClosed.", "", "Ana Closed."),
        ("\u202eanA", "\u2066Ng\u2069", "anA Ng"),
        (" ", "", NAMELESS),
        ("👩‍👩‍👧", "", "👩‍👩‍👧"),
        ("<b>Ana</b>", "&amp;", "<b>Ana</b> &amp;"),
    ],
)
def test_a_name_stays_on_its_line_and_turns_nothing_around(
    first: str, last: str, shown: str
) -> None:
    """Line breaks and direction overrides are taken out; everything else is the person's own."""
    assert name_of(first, last) == shown


def test_a_name_is_cut_to_what_a_card_can_show() -> None:
    """Two names of 64 emoji are one line and not two screens."""
    assert name_of("🦉" * 64, "🦉" * 64) == "🦉" * NAME_LENGTH
