"""Catalogs: every text in every language, whole, short, in plain words, and readable both ways."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib
import pytest
from babel import Locale
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from bot.texts import as_typed, catalog, said_in_any
from handlers import menus

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = sorted(path.parents[1].name for path in (ROOT / "locales").glob("*/*/beatline.po"))
#: How a text is marked in the code; README → Where do I change … names the same for pybabel.
KEYWORDS = {**DEFAULT_KEYWORDS, "plain": None, "many": (1, 2)}
#: One number for each of the six plural categories that a language can have.
COUNTS = (0, 1, 2, 3, 11, 100)
#: A sentence longer than this is read twice (mission.md → How it speaks).
SENTENCE_WORDS = 20
#: Chinese has no blanks: two lines on a phone.
SENTENCE_CHARACTERS = 40
#: What fits on a button of a small phone, and in the alert after a press (Bot API: 200).
BUTTON_LENGTH, ALERT_LENGTH = 30, 200
#: What may be said in Latin letters in any language: names and what a program prints.
LATIN = {"Telegram", "beatline", "letters", "show", "sos"}
#: What no reader is told: words of the code and of police papers.
JARGON = {
    "en": {
        "abstraction", "beat", "case", "cases", "dialogue", "dispatch", "handover", "incident",
        "jurisdiction", "roster", "subject", "suspect", "unplaced", "user",
    },
    "zh": {"案件", "出警", "处警", "警情", "辖区", "抽调", "当事人", "涉案", "用户", "名册"},
    "ar": {"قضية", "القضية", "مشتبه", "المستخدم", "مستخدم", "السجل", "سجل"},
}  # fmt: skip
#: Names of what is published: they are on the wall of every police room.
PUBLISHED = ("警情公告",)
#: A second name for what has one: what people must not read, and what they read instead.
SECOND_NAMES = {
    "en": dict.fromkeys(("police room", "the office(?!r)"), "the community police office"),
    "zh": {
        "公告": "通报", "片区": "社区", "责任区": "社区", "办公时间": "开门时间",
        "开放时间": "开门时间", "下班": "开门时间以外", "备勤": "待命", "本条": "这条", "你": "您",
    },
    "ar": {
        "غرفة": "مكتب الشرطة", "مقيم": "ساكن", "إشعار": "إعلان", "شرطيّك": "الشرطي المسؤول",
        "شرطي حي": "الشرطي المسؤول", "ساعات العمل": "أوقات الدوام", "تيليغرام": "تيليجرام",
        "أوقات العمل": "أوقات الدوام", "Telegram": "تيليجرام",
    },
}  # fmt: skip
#: Kinds of notices have names of their own.
NAMES_OF_KINDS = ("警情公告", "破案公告")
#: Numbers that people tap stand alone on their line.
TO_CALL = ("{hotline}", "{phone}")
#: Holes for a bare number: its digits keep their order anywhere.
COUNTED = r"{(?:count|seconds)}"
#: Unicode's isolates: what stands between them does not disturb the order around it.
ISOLATED = re.compile("[\u2066-\u2068][^\u2066-\u2069]*\u2069")

every_language = pytest.mark.parametrize("language", LANGUAGES)
every_reader = pytest.mark.parametrize("language", ["en", *LANGUAGES])


@cache
def texts_in_the_code() -> dict[str, str | None]:
    """Every text that people read, with its plural form if it has one."""
    with (ROOT / ".babel.cfg").open(encoding="utf-8") as settings:
        mapping = parse_mapping_cfg(settings)
    found: dict[str, str | None] = {}
    for room in ("bot", "handlers"):
        for _, _, text, _, _ in extract_from_dir(ROOT / room, *mapping, keywords=KEYWORDS):
            one, more = text[:2] if isinstance(text, tuple) else (text, None)
            found[one] = more
    return found


@cache
def entries(language: str) -> dict[str, polib.POEntry]:
    """The catalog of one language by source text."""
    return {
        entry.msgid: entry
        for entry in polib.pofile(ROOT / "locales" / language / "LC_MESSAGES" / "beatline.po")
    }


def said(language: str) -> Iterator[tuple[str, str]]:
    """Everything that is said in a language: source text and translation, all plural forms."""
    for source, more in texts_in_the_code().items():
        if language == "en":
            yield from ((source, text) for text in (source, more) if text)
            continue
        entry = entries(language)[source]
        for text in entry.msgstr_plural.values() or [entry.msgstr]:
            yield source, text


def holes(text: str) -> list[str]:
    return sorted(re.findall(r"{(\w*)}", text))


def tags(text: str) -> list[str]:
    return sorted(re.findall(r"</?\w+>", text))


def without_tags(text: str) -> str:
    return re.sub(r"</?\w+>", "", text)


@every_language
def test_every_text_is_said_in_every_language_and_nothing_else(language: str) -> None:
    """No text is missing, none is left over, none is empty, and none waits for a second look."""
    held = entries(language)
    assert set(held) == set(texts_in_the_code())
    assert [source for source, text in said(language) if not text.strip()] == []
    assert [source for source, entry in held.items() if entry.fuzzy or entry.obsolete] == []
    assert {source: more for source, more in texts_in_the_code().items() if more} == {
        source: entry.msgid_plural for source, entry in held.items() if entry.msgid_plural
    }


@every_language
def test_holes_and_tags_are_those_of_the_source(language: str) -> None:
    """A name is never lost and a tag never left open, whatever the language."""
    held = entries(language)
    for source, text in said(language):
        assert tags(text) == tags(source), text
        if not held[source].msgid_plural:
            assert holes(text) == holes(source), text


@every_language
def test_plural_forms_are_right(language: str) -> None:
    """One, two, a few, many: each number gets the form that the language asks for, and only the
    forms that mean one number may leave it out."""
    rule = Locale.parse(language).plural_form
    order = [each for each in ("zero", "one", "two", "few", "many", "other") if each in rule.tags]
    order = order if "other" in order else [*order, "other"]
    for source, entry in entries(language).items():
        if not entry.msgid_plural:
            continue
        assert sorted(entry.msgstr_plural) == list(range(len(order)))
        for count in COUNTS:
            form = entry.msgstr_plural[order.index(rule(count))]
            assert catalog(language).ngettext(source, entry.msgid_plural, count) == form
        for category, form in zip(order, entry.msgstr_plural.values(), strict=True):
            if category not in ("zero", "one", "two") or len(order) == 1:
                assert holes(form) == holes(entry.msgid_plural), form


@every_language
def test_no_english_is_left_in_another_language(language: str) -> None:
    """Latin letters are for commands, holes, tags, and names that have no others."""
    for source, text in said(language):
        bare = re.sub(r"{\w*}|/[a-z]+|C-1042", "", without_tags(text))
        assert set(re.findall(r"[A-Za-z]{2,}", bare)) <= LATIN, source


@every_reader
def test_sentences_are_short(language: str) -> None:
    """Nobody reads a sentence twice."""
    for _, text in said(language):
        if "|" in text:
            continue
        for sentence in re.split(r"[.?!:。？！：؟]\s*|\n", without_tags(text)):
            words = sentence.split()
            assert len(words) <= SENTENCE_WORDS, sentence
            assert not language.startswith("zh") or len(sentence) <= SENTENCE_CHARACTERS, sentence


@every_reader
def test_nobody_reads_the_words_of_the_code_or_of_police_papers(language: str) -> None:
    """People read *request*, 事项, طلب, never *case*; *the station*, never *the roster*."""
    for _, text in said(language):
        bare = re.sub("|".join((r"{\w*}", *PUBLISHED)), "", text)
        if language.startswith("zh"):
            assert [word for word in JARGON["zh"] if word in bare] == [], text
        else:
            assert set(re.findall(r"\w+", bare.casefold())) & JARGON.get(language, set()) == set()


@every_reader
def test_one_thing_has_one_name(language: str) -> None:
    """Whoever has read *community police office* once never wonders what *the room* is."""
    for _, text in said(language):
        if "|" in text:
            continue
        bare = re.sub("|".join(NAMES_OF_KINDS), "", text)
        assert [name for name in SECOND_NAMES.get(language, {}) if re.search(name, bare)] == [], (
            text
        )


@every_reader
def test_numbers_to_call_stand_alone_on_their_line(language: str) -> None:
    """A number can be tapped and cannot be overlooked."""
    for _, text in said(language):
        for line in text.splitlines():
            assert line in TO_CALL or not any(hole in line for hole in TO_CALL), text


def texts_of_calls(*names: str) -> set[object]:
    """The literal texts in the first argument of calls of these names, in all handlers."""
    found: set[object] = set()
    for path in (ROOT / "handlers").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and call.args and _name(call.func) in names:
                for node in ast.walk(call.args[0]):
                    named = vars(menus).get(node.id) if isinstance(node, ast.Name) else None
                    found.add(node.value if isinstance(node, ast.Constant) else named)
    return {text for text in found if text in texts_in_the_code()}


def _name(function: ast.expr) -> str:
    return getattr(function, "id", "") or getattr(function, "attr", "")


@every_reader
def test_a_button_is_read_at_a_glance(language: str) -> None:
    """What stands on a button fits on it; what an alert says fits in it."""
    on_buttons = texts_of_calls("InlineKeyboardButton", "KeyboardButton", "_button", "button")
    in_alerts = texts_of_calls("answer_press")
    assert {menus.WRITE, menus.EMERGENCY, menus.SHARE_PLACE} <= on_buttons
    assert in_alerts
    for source, text in said(language):
        assert source not in on_buttons or len(text) <= BUTTON_LENGTH, text
        assert source not in in_alerts or len(text) <= ALERT_LENGTH, text


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each in ("ar", "fa", "ur")])
def test_what_is_filled_in_keeps_its_order_inside_right_to_left_texts(language: str) -> None:
    """A case number, a name or a command inside an Arabic line is isolated, or Telegram shows its
    parts in the wrong order; alone on its line it needs nothing."""
    for _, text in said(language):
        if "|" in text:
            continue
        for line in without_tags(text).splitlines():
            assert sum(line.count(mark) for mark in "\u2066\u2067\u2068") == line.count("\u2069")
            if not re.fullmatch(r"{\w*}", line):
                open_parts = re.sub(COUNTED, "", ISOLATED.sub("", line))
                assert not re.search(r"{\w*}|/[a-z]+", open_parts), line


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each in ("ar", "fa", "ur")])
def test_a_line_of_nothing_but_parts_still_runs_from_right_to_left(language: str) -> None:
    """Isolated parts say nothing about the line around them: without a letter or a mark of its own
    it would run from left to right, the last part first."""
    for _, text in said(language):
        for line in without_tags(text).splitlines():
            own = ISOLATED.sub("", line)
            if own != line and own.strip():
                assert {unicodedata.bidirectional(each) for each in own} & {"R", "AL"}, line


def test_no_plain_word_means_two_things() -> None:
    """Whatever people type instead of pressing, in any language, does one thing."""
    doors = {
        name: said_in_any([value], LANGUAGES)
        for name, value in vars(menus).items()
        if name.endswith("_WORDS")
    }
    assert len(doors) >= 4
    seen: dict[str, str] = {}
    for door, ways in doors.items():
        for way in ways:
            assert seen.setdefault(way, door) == door, way


@every_reader
def test_the_fixed_buttons_are_plain_words_too(language: str) -> None:
    """What a button says is understood when it comes back as a message, pictograph or not."""
    for button in (menus.WRITE, menus.WHEN_AND_WHERE, menus.EMERGENCY):
        label = catalog(language).gettext(button)
        ways = said_in_any([button], [language])
        assert as_typed(label) in ways
        assert as_typed(re.sub(r"^\W+", "", label)) in ways
