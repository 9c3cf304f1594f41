"""Without these rules a cry for help would wait in a queue like any other message.

`lexicon` reads what a translator wrote for one language, `typed` forgives how people type, and
`cries` looks for danger in a message, in all languages at once: in fear nobody changes language.
"""

from bot.domain.danger.cries import Danger, find_danger
from bot.domain.danger.lexicon import DangerWordsError, Lexicon, read_lexicon

__all__ = ["Danger", "DangerWordsError", "Lexicon", "find_danger", "read_lexicon"]
