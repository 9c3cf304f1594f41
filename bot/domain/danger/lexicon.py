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
from itertools import product
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
    """Where a reader of phrases stands after some words: what may follow, what has ended."""

    words: dict[str, Branch] = field(default_factory=dict)
    after_gap: Branch | None = None
    ended: tuple[tuple[Section, str], ...] = ()

    def step(self, word: str) -> Branch:
        """The branch after this word or gap; it grows when there is none."""
        if word != GAP:
            if word not in self.words:
                self.words[word] = Branch()
            return self.words[word]
        if self.after_gap is None:
            self.after_gap = Branch()
        return self.after_gap


#: One way to say a phrase: its words in order.
Way: TypeAlias = tuple[str, ...]


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
            for each in shortened(word):
                self._near[each] = (*self._near.get(each, ()), word)
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
        for way in _ways(language, number, line):
            vocabulary.update(way)
            if section is not Section.WORDS:
                _grow(tree, way, section, line)
            if section in _CRIES:
                cries.update(way)
    return Lexicon(language, tree, vocabulary - {GAP}, cries)


def _grow(tree: Branch, way: Way, section: Section, line: str) -> None:
    branch = tree
    for word in way:
        branch = branch.step(word)
    if section not in dict(branch.ended):
        branch.ended += ((section, line),)


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


def _ways(language: str, number: int, line: str) -> Iterable[Way]:
    parts = [each.split("/") for each in line.replace(GAP, f" {GAP} ").split()]
    ways = list(product(*([_words(each) for each in part] for part in parts)))
    flat = [tuple(word for words in way for word in words) for way in ways[:MOST_WAYS]]
    is_open = any(GAP in (way[:1] + way[-1:]) or not way for way in flat)
    is_vague = any(_is_vague(words) for way in ways[:MOST_WAYS] for words in way)
    if is_open or is_vague or len(ways) > MOST_WAYS:
        raise DangerWordsError(language, number, line)
    return flat


def _is_vague(words: Way) -> bool:
    """Whether nothing is left to look for, or the beginning of nearly every word."""
    return not words or (words[-1].endswith("*") and len(words[-1]) <= SHORTEST_BEGINNING)


def _words(part: str) -> Way:
    if part in (GAP, EDGE):
        return (part,)
    words = tuple(word for sentence in sentences(part) for word in sentence[1:-1])
    if part.endswith("*") and words:
        return (*words[:-1], f"{words[-1]}*")
    return words
