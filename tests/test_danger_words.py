"""What counts as a cry for help: real sentences in three languages, and the rules behind them.

The sentences lie in ``tests/danger/<language>.toml``. The figures below are held: a change of the
word lists may only make them smaller.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.danger_words import lexicons
from bot.domain.danger import Danger, DangerWordsError, Lexicon, find_danger, read_lexicon
from bot.domain.danger.lexicon import Branch
from bot.domain.danger.typed import folded, inflected, is_slip, readings, sentences

LANGUAGES = ("ar", "en", "zh")
SENTENCES = {
    language: tomllib.loads(
        (Path(__file__).parent / "danger" / f"{language}.toml").read_text(encoding="utf-8")
    )
    for language in LANGUAGES
}
#: Missed cries and false alarms among the sentences the lists were made with, 210 and more of each.
MISSED = {"ar": 0, "en": 0, "zh": 0}
FALSE_ALARMS = {"ar": 0, "en": 0, "zh": 0}
#: The same, of 20 each, among sentences that were never used to extend the lists.
MISSED_UNSEEN = {"ar": 2, "en": 2, "zh": 2}
FALSE_ALARMS_UNSEEN = {"ar": 0, "en": 0, "zh": 0}
#: And of 20 more in rarer words: the bell that rings for an hour, petrol on the stairs.
MISSED_FRESH = {"ar": 6, "en": 4, "zh": 4}
FALSE_ALARMS_FRESH = {"ar": 0, "en": 1, "zh": 0}
#: Of 61 to 75 each, in everyday words and dialects: half of a set, drawn at random, opened last.
MISSED_SHUT = {"ar": 2, "en": 2, "zh": 1}
FALSE_ALARMS_SHUT = {"ar": 4, "en": 3, "zh": 5}


def heard(sentences_of_one_kind: list[str]) -> list[str]:
    return [each for each in sentences_of_one_kind if find_danger(each, lexicons())]


def silent(sentences_of_one_kind: list[str]) -> list[str]:
    return [each for each in sentences_of_one_kind if not find_danger(each, lexicons())]


def test_every_language_we_speak_has_danger_words() -> None:
    """Whoever adds a language sees here that its file is missing or empty."""
    assert [each.language for each in lexicons()] == list(LANGUAGES)
    assert all(
        len(SENTENCES[each][kind]) >= 40 for each in LANGUAGES for kind in ("danger", "harmless")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_cries_for_help_are_heard(language: str) -> None:
    """No sentence the lists were made for is missed, and no more unseen ones than before."""
    assert len(silent(SENTENCES[language]["danger"])) <= MISSED[language]
    assert len(silent(SENTENCES[language]["unseen_danger"])) <= MISSED_UNSEEN[language]
    assert len(silent(SENTENCES[language]["fresh_danger"])) <= MISSED_FRESH[language]
    assert len(silent(SENTENCES[language]["shut_danger"])) <= MISSED_SHUT[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_harmless_sentences_raise_no_alarm(language: str) -> None:
    """Films, drills, permits, last month's theft: no more false alarms than before."""
    assert len(heard(SENTENCES[language]["harmless"])) <= FALSE_ALARMS[language]
    assert len(heard(SENTENCES[language]["unseen_harmless"])) <= FALSE_ALARMS_UNSEEN[language]
    assert len(heard(SENTENCES[language]["fresh_harmless"])) <= FALSE_ALARMS_FRESH[language]
    assert len(heard(SENTENCES[language]["shut_harmless"])) <= FALSE_ALARMS_SHUT[language]


@pytest.mark.parametrize(
    "sentence",
    [
        "有人在我门口不走",
        "有人在我家门口，赖着不走",
        "هناك شخص عند بابي لا يغادر",
        "في واحد قدام بابي ومو راضي يروح",
        "Someone is at my door and won't leave",
        "somebody stands outside my door and will not go away",
    ],
)
def test_somebody_who_stays_at_the_door_is_a_danger(sentence: str) -> None:
    """Whoever is besieged at home is heard in each language."""
    assert find_danger(sentence, lexicons())


@pytest.mark.parametrize(
    "sentence",
    [
        "The courier leaves it at my door",
        "流浪猫在门口不走",
        "المندوب عند بابي",
        "our landlord lives by the door and does not answer",
        "门口的车一直不走",
        "كلب عند بابنا ما يروح",
    ],
)
def test_what_stands_at_the_door_and_is_no_person_raises_no_alarm(sentence: str) -> None:
    """Animals, parcels and parked cars at a door are everyday matters."""
    assert not find_danger(sentence, lexicons())


@pytest.mark.parametrize("language", LANGUAGES)
def test_cries_are_heard_however_they_are_typed(language: str) -> None:
    """Capitals, exclamation marks, no marks at all, invisible signs and a polite beginning change
    nothing."""
    for sentence in SENTENCES[language]["danger"][:40]:
        for typed in (
            sentence.upper(),
            f"{sentence}!!!!",
            f"\u200f{sentence}",
            f"Hello officer. {sentence}",
            f"你好\n{sentence}\nالسلام عليكم",
        ):
            assert find_danger(typed, lexicons()), typed


def a_lexicon(text: str, language: str = "en") -> Lexicon:
    return read_lexicon(language, text)


LITTLE = a_lexicon(
    """
    [always]
    kill me          # a remark
    [danger]
    house/flat on fire
    smell … gas
    strangl*
    . help .
    在_火/着火
    [alarming]
    blood/bleeding
    scream*
    crying
    [harmless]
    fire drill
    smell … gas bill
    [calm]
    film
    yesterday
    [now]
    right now
    [not]
    not
    没
    """
)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("The HOUSE on fire", "house/flat on fire"),
        ("my flat on  fire", "house/flat on fire"),
        ("i smell gas", "smell … gas"),
        ("smell some kind of gas", "smell … gas"),
        ("hes strangling her", "strangl*"),
        ("Help!", ". help ."),
        ("hello. help", ". help ."),
        ("家里着火了", "在_火/着火"),
        ("blood, she is screaming", "blood/bleeding + scream*"),
        ("She is crying. There is blood.", "blood/bleeding + crying"),
        ("yesterday he said he will kill me", "kill me"),
        ("not that he did not kill me", "kill me"),
        ("film right now: house on fire", "house/flat on fire"),
        ("the film was good. my house on fire", "house/flat on fire"),
        ("fire drill, no, house on fire", "house/flat on fire"),
        ("not at all sure, but the house on fire", "house/flat on fire"),
        ("house on fier", "house/flat on fire"),
        ("houose on fire", "house/flat on fire"),
        ("huse on fire", "house/flat on fire"),
    ],
)
def test_danger_is_recognised(text: str, phrase: str) -> None:
    """One word or the other, a few words between, beginnings, whole sentences, two alarming
    things, and slips of the thumb; a story silences only its own sentence, and never a plea."""
    assert find_danger(text, [LITTLE]) == Danger("en", phrase)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!!",
        "house fire",
        "can you help",
        "smell of bread and cake and warm gas",
        "house on fire drill",
        "smell the gas bill",
        "house on fire in a film",
        "it is not really house on fire",
        "没着火",
        "bleeding, blood",
        "blood test not crying",
        "scream yesterday. crying",
        "yesterday blood and crying",
    ],
)
def test_what_only_sounds_like_danger_is_passed_over(text: str) -> None:
    """Part of a phrase, too wide a gap, drills, films, denials, one alarming thing said twice."""
    assert find_danger(text, [LITTLE]) is None


def test_all_languages_are_looked_for_at_once() -> None:
    """In fear nobody changes the language of a bot."""
    other = a_lexicon("[danger]\nau secours", "fr")
    assert find_danger("AU SECOURS", [LITTLE, other]) == Danger("fr", "au secours")


@pytest.mark.parametrize(
    ("typed", "meant", "is_one"),
    [
        ("hlep", "help", True),
        ("helpp", "help", True),
        ("hellp", "help", True),
        ("hekp", "help", False),
        ("hep", "help", False),
        ("ambulence", "ambulance", True),
        ("ambulanc", "ambulance", True),
        ("ambulancer", "ambulance", True),
        ("mbulance", "ambulance", False),
        ("umbulance", "ambulance", False),
        ("amublance", "ambulance", True),
        ("abmulance", "ambulance", True),
        ("amulances", "ambulance", False),
        ("ambula", "ambulance", False),
        ("fir", "fire", False),
        ("attcak", "attack", True),
        ("attaks", "attack", False),
        ("ab", "ba", False),
    ],
)
def test_a_slip_is_one_slip(typed: str, meant: str, is_one: bool) -> None:
    """Long words forgive one letter, short ones only a swap or a doubled letter."""
    assert is_slip(typed, meant) is is_one


@given(st.sampled_from(["strangle", "ambulance", "burning", "يحترق", "unconscious"]), st.data())
def test_any_two_neighbours_may_be_swapped(word: str, data: st.DataObject) -> None:
    """The commonest slip on a phone is forgiven anywhere in a word."""
    place = data.draw(st.integers(0, len(word) - 2))
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    assert find_danger(swapped, [a_lexicon(f"[danger]\n{word}")])


def test_letters_are_compared_as_people_type_them() -> None:
    """Vowel signs, hamza forms, wide letters, apostrophes and drawn-out letters do not matter."""
    assert folded("Ｈｅｌｌｌｌｌｐ! I’m") == "help! im"
    assert folded("الحَقُوني") == folded("ٱلحقونى") == "الحقوني"
    assert folded("نـجـدة") == "نجده"
    assert list(sentences("救命!help me؟ ")) == [[".", "救", "命", "."], [".", "help", "me", "."]]


def test_arabic_words_are_found_behind_and_in_for_the() -> None:
    """What Arabic writes before a word is taken off while enough of the word is left."""
    assert "حريق" in readings("والحريق")
    assert "حريق" in readings("بحريق")
    assert readings("fire") == ("fire",)
    assert readings("في") == ("في",)


@pytest.mark.parametrize(
    "typed", ["ضربني", "ضربوها", "بيضربونا", "كيضربني", "تضربه", "حيضربك", "مضربنيش", "والضرب"]
)
def test_an_arabic_word_is_found_in_all_its_forms(typed: str) -> None:
    """Whoever hits and whoever is hit is written into the word: one line names them all."""
    assert find_danger(f"يا {typed} يا", [a_lexicon("[danger]\nضرب", "ar")])


def test_an_arabic_word_with_the_before_it_has_no_other_forms() -> None:
    """The east of the town is not somebody who chokes: endings are taken off verbs alone."""
    assert inflected("ضربني")[0] == "ضربني"
    assert inflected("الشرقي") == inflected("بالشرقي") == inflected("fire") == ()


def test_a_denial_around_an_arabic_verb_is_two_words() -> None:
    """Somebody who does not breathe is heard as Cairo and Casablanca write it: in one word."""
    lexicon = a_lexicon("[danger]\nما يتنفس", "ar")
    for typed in ("مبيتنفسش", "ومابيتنفسش", "ما كيتنفسش", "ما تتنفس"):
        assert find_danger(typed, [lexicon]), typed
    assert folded("مفيش مش مشمش") == "مفيش مش مشمش"


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("隔壁著火了", "着火"),
        ("叫唔醒佢", "叫不醒"),
        ("細路唔見咗", "不见了"),
        ("她打我", "他 打 我"),
        ("有人打俺", "打 我"),
    ],
)
def test_chinese_is_heard_in_every_script(typed: str, line: str) -> None:
    """Taiwan, Hong Kong and the villages are heard with the lines a translator wrote once."""
    assert find_danger(typed, [a_lexicon(f"[danger]\n{line}", "zh")])


def test_the_picture_of_a_cry_is_a_cry() -> None:
    """Whoever can do no more than tap one sign is heard."""
    assert find_danger("🆘🆘", lexicons())


def test_an_everyday_word_is_no_slip() -> None:
    """A translator names the words that are not mistyped; all others are forgiven as before."""
    lexicon = a_lexicon("[danger]\nstabs\n[words]\nstays/stops")
    assert find_danger("he satbs", [lexicon])
    assert not find_danger("my guest stays", [lexicon])


def test_a_long_text_is_looked_through_to_its_end() -> None:
    """A cry after four thousand characters is still a cry."""
    assert find_danger("word " * 800 + "he will kill me", [LITTLE])
    assert find_danger("blood " * 800, [LITTLE]) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("fire", 1),
        ("[danger]\nfire\n[dangr]", 3),
        ("[danger]\n… fire", 2),
        ("[danger]\n\nfire …", 3),
        ("[danger]\n!!!", 2),
        ("[danger]\nfire/", 2),
        ("[danger]\nth* fire", 2),
        ("[danger]\n" + " ".join(["a/b"] * 10), 2),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text: str, line: int) -> None:
    """A translator is told the language, the line and its text."""
    with pytest.raises(DangerWordsError) as fault:
        read_lexicon("fr", text)
    assert (fault.value.language, fault.value.line) == ("fr", line)
    assert fault.value.text == text.splitlines()[line - 1].strip()
    assert f"line {line}" in str(fault.value)


def branches_of(tree: Branch) -> int:
    """How many branches a reader of phrases may come to."""
    seen: dict[int, Branch] = {}
    waiting = [tree]
    while waiting:
        branch = waiting.pop()
        if id(branch) not in seen:
            seen[id(branch)] = branch
            waiting += [after for each in branch.words.values() for after in each]
            waiting += [] if branch.after_gap is None else [branch.after_gap]
    return len(seen)


def test_a_line_with_many_ways_takes_no_more_room_than_its_parts() -> None:
    """256 ways of one phrase are five branches: a translator's longer list costs no megabytes."""
    line = "one/two/three/four five/six/seven/eight nine/ten/eleven/twelve red/green/blue/black"
    lexicon = read_lexicon("en", f"[danger]\n{line}\n")
    assert branches_of(lexicon.tree) == 5
    assert find_danger("two eight nine blue", [lexicon]) is not None
    assert find_danger("two eight blue nine", [lexicon]) is None
