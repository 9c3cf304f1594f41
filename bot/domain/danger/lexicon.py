"""Without these rules a translator could not teach the bot what danger sounds like.

A file of danger words holds one phrase a line under headings in brackets; ``#`` begins a remark:

``[danger]``    what people write in danger
``[always]``    the same, and whatever else the sentence says, it is danger
``[alarming]``  what makes one listen: two lines of these in a message are danger
``[harmless]``  what only sounds like danger: it is passed over
``[calm]``      what turns the sentence into a story, a plan or a question
``[now]``       what brings it back to the present
``[not]``       what denies a phrase that follows at once
``[words]``     everyday words that look like another form of a word above, or like a slip for one:
                "stays" is not "stabs"

In a phrase ``man/guy`` is one word or the other (``in_the/at_a``: or two words), ``…`` stands for a
few words or none, ``.`` for the beginning or the end of the sentence, and a word that ends in ``*``
for every word that begins so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from math import prod
from sys import intern
from typing import TypeAlias

from bot.domain.danger.typed import EDGE, inflected, is_slip, readings, sentences, shortened

#: Stands for a few words in a phrase, see `bot.domain.danger.cries`.
GAP = "…"
#: More ways of one line than these are a slip of the translator's, not a phrase.
MOST_WAYS = 1000
#: ``th*`` would stand for half a language.
SHORTEST_BEGINNING = 3
#: People use the same words again and again: looking a new one up takes 5 µs, an old one 0.1 µs.
WORDS_REMEMBERED = 4096


class Section(StrEnum):
    """What the phrases under a heading say of a sentence."""

    DANGER = "danger"
    ALWAYS = "always"
    ALARMING = "alarming"
    HARMLESS = "harmless"
    CALM = "calm"
    NOW = "now"
    NOT = "not"
    WORDS = "words"


#: What is written under a heading counts as danger.
_CRIES = frozenset({Section.DANGER, Section.ALWAYS, Section.ALARMING})


class DangerWordsError(Exception):
    """A line of a file of danger words cannot be read; ``line`` counts from 1."""

    def __init__(self, language: str, line: int, text: str) -> None:
        super().__init__(f"{language}: danger words, line {line}: “{text}” cannot be read.")
        self.language = language
        self.line = line
        self.text = text


@dataclass(slots=True)
class Branch:
    """Where a reader of phrases stands after some words: what may follow, what has ended.

    The alternatives of a phrase lead to one and the same branch. Written out, three languages would
    be 109,000 branches and 32 MiB instead of 7,000 and 8.
    """

    words: dict[str, tuple[Branch, ...]] = field(default_factory=dict)
    after_gap: Branch | None = None
    ended: tuple[Section, str] | None = None

    def lead(self, way: Way, to: tuple[Branch]) -> None:
        """These words (or a gap) lead from here to the one branch ``to``."""
        if way == (GAP,):
            self.after_gap = to[0]
            return
        branch = self
        for word in way[:-1]:
            between = Branch()
            branch.words[word] = (*branch.words.get(word, ()), between)
            branch = between
        others = branch.words.get(way[-1])
        branch.words[way[-1]] = to if others is None else others + to


#: One way to say a part of a phrase: its words in order.
Way: TypeAlias = tuple[str, ...]
#: One part of a phrase: the ways that mean the same there.
Part: TypeAlias = tuple[Way, ...]


class Lexicon:
    """The danger words of one language: a tree of all phrases, and how its words are recognised.

    ``cries``: the words of what counts as danger; only in them endings and slips are forgiven.
    """

    def __init__(self, language: str, tree: Branch, words: Set[str], cries: Set[str]) -> None:
        self.language = language
        self.tree = tree
        self._words = frozenset(each for each in words if not each.endswith("*"))
        self._beginnings = frozenset(words) - self._words
        self._lengths = sorted({len(each) - 1 for each in self._beginnings})
        self._cries = self._words & cries
        self._near: dict[str, tuple[str, ...]] = {}
        for word in sorted(self._cries):
            alone = (word,)
            for each in shortened(word):
                others = self._near.get(each)
                self._near[each] = alone if others is None else others + alone
        self.known = lru_cache(maxsize=WORDS_REMEMBERED)(self._known)

    def _known(self, word: str) -> frozenset[str]:
        """The words of the file that ``word`` (folded) may stand for: itself, or another form of
        it, or a slip for it."""
        ways = readings(word)
        exact = frozenset(each for way in ways for each in self._exact(way))
        if exact and not exact & self._cries:
            return exact
        forms = exact.union(self._cries.intersection(inflected(word)))
        return forms or frozenset(
            meant
            for way in ways
            for each in shortened(way)
            for meant in self._near.get(each, ())
            if is_slip(way, meant)
        )

    def _exact(self, word: str) -> Iterator[str]:
        if word in self._words:
            yield word
        for length in self._lengths:
            beginning = f"{word[:length]}*"
            if beginning in self._beginnings and len(word) >= length:
                yield beginning


def read_lexicon(language: str, text: str) -> Lexicon:
    """The lexicon a file says. Raises `DangerWordsError` at the first line that cannot be read."""
    tree = Branch()
    vocabulary: set[str] = set()
    cries: set[str] = set()
    for section, number, line in _phrases(language, text):
        parts = _parts(language, number, line)
        words = {word for part in parts for way in part for word in way}
        vocabulary |= words
        if section is not Section.WORDS:
            _grow(tree, parts, section, line)
        if section in _CRIES:
            cries |= words
    return Lexicon(language, tree, vocabulary - {GAP}, cries)


def _grow(tree: Branch, parts: Iterable[Part], section: Section, line: str) -> None:
    branch = tree
    for part in parts:
        after = (Branch(),)  # one for all ways of the part: most words lead nowhere else
        for way in part:
            branch.lead(way, after)
        branch = after[0]
    branch.ended = (section, line)


def _phrases(language: str, text: str) -> Iterator[tuple[Section, int, str]]:
    section: Section | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.partition("#")[0].strip()
        if line.startswith("["):
            section = _section(language, number, line)
        elif line and section is None:
            raise DangerWordsError(language, number, line)
        elif line and section is not None:
            yield section, number, line


def _section(language: str, number: int, line: str) -> Section:
    for section in Section:
        if line == f"[{section}]":
            return section
    raise DangerWordsError(language, number, line)


def _parts(language: str, number: int, line: str) -> list[Part]:
    typed = line.replace(GAP, f" {GAP} ").split()
    parts = [tuple(_words(each) for each in part.split("/")) for part in typed]
    is_open = not parts or (GAP,) in (*parts[0], *parts[-1])
    is_vague = any(_is_vague(way) for part in parts for way in part)
    if is_open or is_vague or prod(map(len, parts)) > MOST_WAYS:
        raise DangerWordsError(language, number, line)
    return parts


def _is_vague(words: Way) -> bool:
    """Whether nothing is left to look for, or the beginning of nearly every word."""
    return not words or (words[-1].endswith("*") and len(words[-1]) <= SHORTEST_BEGINNING)


def _words(part: str) -> Way:
    if part in (GAP, EDGE):
        return (part,)
    # Interned: the same words stand in many lines.
    words = tuple(intern(word) for sentence in sentences(part) for word in sentence[1:-1])
    if part.endswith("*") and words:
        return (*words[:-1], f"{words[-1]}*")
    return words
