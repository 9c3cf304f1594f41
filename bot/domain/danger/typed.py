"""Without these rules a slip of a trembling thumb would hide a cry for help."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.domain.danger.traditional import ONE_FORM

#: Shorter words are so close to one another that only a swap or a doubled letter is forgiven.
FORGIVING_LENGTH = 5
#: A word shorter than this is never taken for a mistyped one.
SHORTEST_FORGIVEN = 4

#: A sentence of more words is cut: the work grows with the square of its length.
LONGEST_SENTENCE = 100

#: Letters that people type for one another in Arabic and Persian, and marks without a meaning; the
#: traditional signs of Chinese; and the one picture that is a cry by itself.
_SAME_LETTERS = ONE_FORM | str.maketrans(
    {"ة": "ه", "ى": "ي", "ٱ": "ا", "ی": "ي", "ک": "ك", "گ": "ك", "چ": "ج", "ـ": None, "🆘": " sos "}
)
#: Accents, vowel signs, invisible characters, apostrophes: what people leave out or put in.
_LEFT_OUT = re.compile(
    "[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff'\u2018\u2019\u02bc`\u00b4]"
)
#: "heeelp", "救救救命": a sign that comes three times or more stands for one.
_DRAWN_OUT = re.compile(r"(.)\1{2,}", re.DOTALL)
#: Scripts that put no blanks between words: each sign is a word of its own here.
_WITHOUT_BLANKS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
_WORD = re.compile(f"[{_WITHOUT_BLANKS}]|[^\\W_{_WITHOUT_BLANKS}]+")
#: Stands at the beginning and at the end of every sentence.
EDGE = "."
_SIGN = re.compile(f"[{_WITHOUT_BLANKS}]")
#: What ends a sentence; a comma does not, because people type one between cry and reason.
_SENTENCE_ENDS = re.compile(r"[.!?;؟؛。\n\r]+")
#: Arabic writes "and", "in", "for", "like" and "the" as the beginning of the next word. With how
#: many letters at least that word goes on: a single letter is more often a part of it.
_ARABIC_BEGINNINGS = ((("و", "ف"), 2), (("ب", "ل", "ك", "ه"), 3), (("ال", "ل"), 2))
_ARABIC = re.compile("[\u0620-\u064a]")
#: From Cairo to Casablanca a verb is denied around its word: "ma-y-tnaffas-sh", "is not breathing".
_DENIED_AROUND = re.compile("\\b([وف]?)ما?([\u0621-\u064a]{3,})ش\\b")
#: Arabic writes whom it befalls, and who does it, as the end of the word: "hit me", "they hit".
_ARABIC_ENDINGS = ("ني", "لي", "نا", "ها", "هم", "كم", "وا", "ون", "ين", "ه", "ك", "و", "ي", "ت")
_DENIAL = "ش"
_ARTICLE = "ال"
#: So many of them follow one another: "they hit me", "they do not hit me".
_MOST_ENDINGS = 3
#: So many letters tell one word from another; what is left of a word is never shorter.
_SHORTEST_STEM = 3
#: "I", "you", "he" and "we" of a verb, and what the dialects put before it for "will" and "is".
_ARABIC_PERSON = re.compile("[ايتن](?=.{3})")
_ARABIC_TENSE = re.compile("(?:[بهحغسك](?=[ايتن])|ت(?=ي))(?=.{4})")


def folded(text: str) -> str:
    """The text as it is compared: no case, width, accents, apostrophes or drawn-out letters."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_SAME_LETTERS)
    short = _DRAWN_OUT.sub(r"\1", _LEFT_OUT.sub("", plain))
    return _DENIED_AROUND.sub(r"\1ما \2", short)


def sentences(text: str) -> Iterator[list[str]]:
    """The words of each sentence, folded, between two edges; a sign of a script without blanks is a
    word."""
    for sentence in _SENTENCE_ENDS.split(folded(text)):
        words = _WORD.findall(sentence)
        for start in range(0, len(words), LONGEST_SENTENCE):
            yield [EDGE, *words[start : start + LONGEST_SENTENCE], EDGE]


def is_sign(word: str) -> bool:
    """Whether the word is a single sign of a script without blanks."""
    return _SIGN.fullmatch(word) is not None


def readings(word: str) -> tuple[str, ...]:
    """The word, and in Arabic what is left of it without "and", "in", "for", "the" before it."""
    if not _ARABIC.match(word):
        return (word,)
    found = [word]
    for beginnings, rest in _ARABIC_BEGINNINGS:
        found += [
            each.removeprefix(beginning)
            for each in found
            for beginning in beginnings
            if each.startswith(beginning) and len(each) - len(beginning) >= rest
        ]
    return tuple(dict.fromkeys(found))


def inflected(word: str) -> tuple[str, ...]:
    """In Arabic, what is left of the word without those who do it and those whom it befalls, and
    the same as "he" does it: "they hit us" and "she hits me" hold "hit" and "he hits". A word with
    "the" before it has no such forms."""
    if not _ARABIC.match(word) or any(each.startswith(_ARTICLE) for each in readings(word)):
        return ()
    stems = [*readings(word), *_without(word, _DENIAL)]
    for _ in range(_MOST_ENDINGS):
        stems += [rest for each in stems for rest in _without(each, *_ARABIC_ENDINGS)]
    stems += [_ARABIC_TENSE.sub("", each, count=1) for each in stems if _ARABIC_TENSE.match(each)]
    bare = [_ARABIC_PERSON.sub("", each, count=1) for each in stems if _ARABIC_PERSON.match(each)]
    return tuple(dict.fromkeys((*stems, *bare, *(f"ي{each}" for each in bare))))


def _without(word: str, *endings: str) -> Iterator[str]:
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            yield word.removesuffix(ending)


def shortened(word: str) -> Iterator[str]:
    """The word, and the word without each one of its letters: two words that share one of these
    may be a slip apart."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def is_slip(typed: str, meant: str) -> bool:
    """Whether ``typed`` is ``meant`` with two neighbours swapped, a letter doubled, or, in a long
    word and not at its beginning, one letter missing, added or replaced."""
    if abs(len(typed) - len(meant)) > 1 or len(meant) < SHORTEST_FORGIVEN:
        return False
    place = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), None)
    if place is None:
        place = min(len(typed), len(meant))
    if len(typed) == len(meant):
        return _is_swap_or_replaced(typed, meant, place)
    longer, shorter = sorted((typed, meant), key=len, reverse=True)
    is_one_more = longer[:place] + longer[place + 1 :] == shorter
    is_doubled = len(typed) > len(meant) and place > 0 and typed[place] == typed[place - 1]
    return is_one_more and place > 0 and (is_doubled or len(meant) >= FORGIVING_LENGTH)


def _is_swap_or_replaced(typed: str, meant: str, place: int) -> bool:
    if typed[place + 1 :] == meant[place + 1 :]:
        return place > 0 and len(meant) >= FORGIVING_LENGTH
    swapped = meant[:place] + meant[place : place + 2][::-1] + meant[place + 2 :]
    return typed == swapped
