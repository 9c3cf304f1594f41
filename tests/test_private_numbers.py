"""What counts as the number of an identity document or a bank card, measured on sentences.

They lie in ``tests/private_numbers/<language>.toml``. The figures below are held.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.private_numbers import PrivateNumber, find_private_number

LANGUAGES = ("ar", "en", "zh")
SENTENCES = {
    language: tomllib.loads(
        (Path(__file__).parent / "private_numbers" / f"{language}.toml").read_text(encoding="utf-8")
    )
    for language in LANGUAGES
}
TODAY = date(2026, 11, 24)
#: Missed numbers and false alarms, of 40 each.
MISSED = {"ar": 0, "en": 0, "zh": 0}
FALSE_ALARMS = {"ar": 0, "en": 0, "zh": 0}
#: Of a thousand random numbers with so many digits, taken for one; with other lengths none.
BY_CHANCE = {14: 4, 15: 15, 16: 24, 17: 2, 18: 2, 19: 2}


def found(text: str) -> PrivateNumber | None:
    return find_private_number(text, today=TODAY)


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_of_papers_and_cards_are_found(language: str) -> None:
    """However they are typed: in groups, in wide or Arabic digits, in the middle of a sentence."""
    sentences = SENTENCES[language]["private"]
    assert len(sentences) >= 40
    missed = [each for each in sentences if not found(each)]
    assert len(missed) <= MISSED[language], missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_numbers_are_passed_over(language: str) -> None:
    """Phones, orders, parcels, dates, places, cases, appointment codes, meters, stolen phones."""
    sentences = SENTENCES[language]["harmless"]
    assert len(sentences) >= 40
    alarms = [each for each in sentences if found(each)]
    assert len(alarms) <= FALSE_ALARMS[language], alarms


@pytest.mark.parametrize("digits", range(8, 25))
def test_few_random_numbers_are_taken_for_one(digits: int) -> None:
    """An order of any shop has a check digit by chance, one time in ten; hence date and issuer."""
    chance = Random(digits)
    numbers = ("".join(chance.choices("0123456789", k=digits)) for _ in range(10_000))
    taken = sum(found(f"order {each}") is not None for each in numbers)
    assert taken <= BY_CHANCE.get(digits, 0) * 10


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("11010519491231002X", PrivateNumber.RESIDENT_ID),
        ("１１０１０５１９４９１２３１００２ｘ", PrivateNumber.RESIDENT_ID),
        ("\u2067١١٠١٠٥١٩٤٩١٢٣١٠٠٢x\u2069", PrivateNumber.RESIDENT_ID),
        ("138 0013 8000 110105 1949 1231 002X", PrivateNumber.RESIDENT_ID),
        ("990101 110105-19491231-002X", PrivateNumber.RESIDENT_ID),
        ("310105491231002", PrivateNumber.RESIDENT_ID),
        ("4111 1111 1111 1111", PrivateNumber.BANK_CARD),
        ("5500–0000–0000–0004", PrivateNumber.BANK_CARD),
        ("2223000048400011", PrivateNumber.BANK_CARD),
        ("371449635398431", PrivateNumber.BANK_CARD),
        ("3056 930902 5904", PrivateNumber.BANK_CARD),
        ("L898902C36UTO7408122F1204159ZE184226B<<<<<10", PrivateNumber.PASSPORT),
    ],
)
def test_each_number_is_known_for_what_it_is(text: str, number: PrivateNumber) -> None:
    """The samples of standards and networks, in any digits and groups."""
    assert found(text) is number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "110105194912310022",  # another check digit
        "110105194913310027",  # no such month
        "990105194912310023",  # no such province
        "110105184912310012",  # nobody is so old
        "110105209912310029",  # nobody is born so late
        "310105491331002",  # no such month
        "990105491231002",  # no such province
        "490154203237518",  # a telephone's IMEI
        "350105491231000",  # the same, though its digits could be a date
        "4111 1111 1111 1112",  # another check digit
        "7111111111111114",  # nobody issues such cards
        "41111 11111 11111 1",  # no card has such groups
        "order-4111111111111111",
        "https://example.com/4111111111111111",
        "30.4111111111111111",
        "L898902C37UTO7408122F1204159ZE184226B<<<<<10",  # another check digit
    ],
)
def test_what_only_resembles_one_is_none(text: str) -> None:
    """A wrong check digit, an impossible date, another issuer, a part of an address."""
    assert found(text) is None


def test_a_number_of_today_is_one_and_of_tomorrow_is_none() -> None:
    """A child is registered on the day it is born."""
    assert find_private_number("110105202611240010", today=date(2026, 11, 24))
    assert find_private_number("110105202611240010", today=date(2026, 11, 23)) is None


@given(st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_makes_it_none(place: int, digit: str) -> None:
    """The check digit notices every single slip: what is not the number of anybody is no number."""
    right = "11010519491231002X"
    typed = right[:place] + digit + right[place + 1 :]
    assert (found(typed) is not None) is (typed == right)


@given(st.text(max_size=200))
def test_any_text_can_be_looked_through(text: str) -> None:
    """Whatever people send, nothing fails, and no text without fourteen digits holds a number."""
    if found(text) is not None:
        assert sum(map(str.isdecimal, text)) >= 14


def test_a_long_text_of_digits_is_looked_through_to_its_end() -> None:
    """Four thousand characters of digits hide no number behind them."""
    assert found("1234 5678 " * 390 + "11010519491231002X") is PrivateNumber.RESIDENT_ID
    assert found("1" * 4000) is None
