"""Without this module the words of danger would lie in files that nobody reads.

``locales/<language>/danger.txt`` says what danger sounds like in a language; a translator extends
it without touching code. How it is written: `bot.domain.danger.lexicon`.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from bot.domain.danger import Lexicon, read_lexicon

#: The name of the file in a language's folder.
FILE_NAME = "danger.txt"


@cache
def lexicons() -> tuple[Lexicon, ...]:
    """Every language's danger words. Raises `DangerWordsError` for a line that cannot be read."""
    folders = sorted(resources.files("locales").iterdir(), key=lambda each: each.name)
    files = [(each.name, each / FILE_NAME) for each in folders if each.is_dir()]
    return tuple(
        read_lexicon(language, file.read_text(encoding="utf-8"))
        for language, file in files
        if file.is_file()
    )
