"""Without these rules every mention of a fire drill would wake the duty desk, or no fire would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.domain.danger.lexicon import Branch, Lexicon, Section
from bot.domain.danger.typed import is_sign, sentences

#: How far a gap reaches: three words, or six signs of a script without blanks.
_GAP_WIDTH = 6
_WORD_WIDTH = 2
#: A denial stands right before what it denies, or with so many words in between ("not really on").
_DENIAL_REACH = 2
#: So many alarming things at once are danger.
ALARMING_ENOUGH = 2
#: What is no cry by itself.
_SILENT = frozenset({Section.HARMLESS, Section.CALM, Section.NOW, Section.NOT})


@dataclass(frozen=True, slots=True)
class Danger:
    """Somebody may be in danger: the ``phrase`` of the ``language``'s file that was recognised."""

    language: str
    phrase: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A phrase found in a sentence: from word ``starts`` up to, and without, ``ends``."""

    section: Section
    phrase: str
    starts: int
    ends: int

    def meets(self, other: _Found) -> bool:
        return self.starts < other.ends and other.starts < self.ends


def find_danger(text: str, lexicons: Iterable[Lexicon]) -> Danger | None:
    """Whether the message may be a cry for help, in any of the languages; the first that says so.

    A missed cry is worse than a false alarm: slips of the thumb are forgiven in what means danger,
    and a story or a denial silences only its own sentence.
    """
    said = tuple(sentences(text))
    for lexicon in lexicons:
        phrase = _cry(said, lexicon)
        if phrase is not None:
            return Danger(lexicon.language, phrase)
    return None


def _cry(said: Iterable[Sequence[str]], lexicon: Lexicon) -> str | None:
    alarming: set[str] = set()
    for words in said:
        for each in _heard(words, lexicon):
            if each.section is not Section.ALARMING:
                return each.phrase
            alarming.add(each.phrase)
        if len(alarming) >= ALARMING_ENOUGH:
            return " + ".join(sorted(alarming))
    return None


def _heard(words: Sequence[str], lexicon: Lexicon) -> Iterator[_Found]:
    """What sounds like danger and is neither harmless, nor a story, nor denied."""
    known = [lexicon.known(word) for word in words]
    found = list(_phrases(words, known, lexicon.tree))
    harmless = [each for each in found if each.section is Section.HARMLESS]
    sections = {each.section for each in found}
    is_story = Section.CALM in sections and Section.NOW not in sections
    for each in found:
        is_silent = each.section in _SILENT or any(each.meets(other) for other in harmless)
        is_meant = each.section is Section.ALWAYS or not (is_story or _is_denied(each, found))
        if is_meant and not is_silent:
            yield each


def _is_denied(cry: _Found, found: Iterable[_Found]) -> bool:
    return any(
        each.section is Section.NOT and 0 <= cry.starts - each.ends <= _DENIAL_REACH
        for each in found
    )


def _phrases(
    words: Sequence[str], known: Sequence[frozenset[str]], tree: Branch
) -> Iterator[_Found]:
    """What the file says of these words; of the same words once for each heading."""
    seen = set()
    for start in range(len(words)):
        for end, (section, phrase) in _ends(words, known, tree, start):
            if (section, start, end) not in seen:
                seen.add((section, start, end))
                yield _Found(section, phrase, start, end)


def _ends(
    words: Sequence[str], known: Sequence[frozenset[str]], branch: Branch, at: int
) -> Iterator[tuple[int, tuple[Section, str]]]:
    if branch.ended:
        yield at, branch.ended
    for after, place in _onward(words, known, branch, at):
        yield from _ends(words, known, after, place)


def _onward(
    words: Sequence[str], known: Sequence[frozenset[str]], branch: Branch, at: int
) -> Iterator[tuple[Branch, int]]:
    """Where the next word or the gap leads, and how far that is."""
    if at < len(words):
        for word in known[at] & branch.words.keys():
            for after in branch.words[word]:
                if after.ended or after.after_gap or _goes_on(after, known, at + 1):
                    yield after, at + 1
    if branch.after_gap is not None:
        for place in _after_gap(words, at):
            if _goes_on(branch.after_gap, known, place):
                yield branch.after_gap, place


def _goes_on(branch: Branch, known: Sequence[frozenset[str]], at: int) -> bool:
    """Whether the word there leads on: most of the many phrases that begin with a common word end
    at the next one."""
    return at < len(known) and not branch.words.keys().isdisjoint(known[at])


def _after_gap(words: Sequence[str], at: int) -> Iterator[int]:
    width = 0
    while width <= _GAP_WIDTH and at < len(words):
        yield at
        width += 1 if is_sign(words[at]) else _WORD_WIDTH
        at += 1
