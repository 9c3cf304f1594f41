"""Without this module the simulator would take what Telegram refuses.

Telegram's limits by name, from https://core.telegram.org/bots/api and the FAQ, and our own limits
on memory. Lengths of texts are counted in UTF-16 units: the strict reading of "characters".
"""

from __future__ import annotations

# --- texts ---------------------------------------------------------------------------------------
TEXT_LENGTH = 4096
CAPTION_LENGTH = 1024
ENTITIES = 100  # Telegram drops the rest in silence; we refuse, so that it shows
CALLBACK_ANSWER_LENGTH = 200
CALLBACK_DATA_BYTES = 64
BUTTONS = 100
BUTTONS_IN_A_ROW = 8
COPY_TEXT_LENGTH = 256
PLACEHOLDER_LENGTH = 64
START_PARAMETER_LENGTH = 64

# --- files ---------------------------------------------------------------------------------------
UPLOAD_BYTES = 50 * 1024 * 1024
PHOTO_UPLOAD_BYTES = 10 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024
#: The whole request: an album of ten, and the words around it.
REQUEST_BYTES = UPLOAD_BYTES + 1024 * 1024

# --- albums and many at once ---------------------------------------------------------------------
ALBUM_ITEMS = range(2, 11)
MANY_MESSAGES = range(1, 101)

# --- polls, contacts, topics, commands -----------------------------------------------------------
POLL_QUESTION_LENGTH = 300
POLL_OPTIONS = range(1, 13)
POLL_OPTION_LENGTH = 100
TOPIC_NAME_LENGTH = range(1, 129)
TOPIC_COLOURS = frozenset({7322096, 16766590, 13338331, 9367192, 16749490, 16478047})
COMMANDS = 100
COMMAND_DESCRIPTION_LENGTH = range(1, 257)
BOT_NAME_LENGTH = 64
BOT_DESCRIPTION_LENGTH = 512
BOT_SHORT_DESCRIPTION_LENGTH = 120

# --- updates -------------------------------------------------------------------------------------
UPDATES_AT_ONCE = range(1, 101)
LONG_POLL_SECONDS = range(0, 51)
#: The same offset again within this time gets one update only.
REPEATED_OFFSET_SECONDS = 0.5
MESSAGE_RETENTION_SECONDS = 24 * 3600
PRESS_RETENTION_SECONDS = 150
WEBHOOK_PORTS = frozenset({80, 88, 443, 8443})
WEBHOOK_CONNECTIONS = range(1, 101)
SECRET_TOKEN_LENGTH = range(1, 257)
#: Telegram retries a webhook at once, then after 2, 4, 8 … seconds, at most this many.
WEBHOOK_RETRY_SECONDS = 120.0
WEBHOOK_ANSWER_SECONDS = 30.0
#: A webhook may ask for a pause of at most an hour.
WEBHOOK_RETRY_AFTER_SECONDS = 3600.0

# --- deleting ------------------------------------------------------------------------------------
DELETABLE_SECONDS = 48 * 3600

# --- flood control (advisory at Telegram: these are the published figures) -----------------------
#: One message a second in a private chat; short bursts pass. 20 is the burst we let pass.
PRIVATE_BURST = 20
PRIVATE_PER_SECOND = 1.0
GROUP_BURST = 20
GROUP_PER_SECOND = 20 / 60
OVERALL_BURST = 30
OVERALL_PER_SECOND = 30.0

# --- our memory: a soak must not grow without bound ----------------------------------------------
#: Recent calls told by /sim/calls.
CALLS_KEPT = 20_000
#: Messages kept in one chat; older ones are as good as deleted.
MESSAGES_KEPT_PER_CHAT = 20_000
#: Bytes of uploaded files; older contents are dropped, their ids stay.
FILE_BYTES_KEPT = 256 * 1024 * 1024
#: Files whose ids are known.
FILES_KEPT = 200_000
#: Updates waiting for the bot; Telegram keeps them for 24 hours.
UPDATES_KEPT = 200_000
#: Button presses that can still be answered.
PRESSES_KEPT = 10_000
#: Events waiting for one listener; a slower one is sent away and comes back.
EVENTS_WAITING = 5_000
#: Versions of one message kept in its history.
EDITS_KEPT = 100

# --- words that are lists ------------------------------------------------------------------------


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


#: https://core.telegram.org/bots/api#reactiontypeemoji
REACTIONS = words(
    "👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥 🌚 🌭 💯 "
    "🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 "
    "🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡"
)
#: Written on some keyboards after an emoji; Telegram takes the emoji with and without it.
VARIATION_SELECTOR = "\ufe0f"
CHAT_ACTIONS = words(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document "
    "choose_sticker find_location record_video_note upload_video_note"
)
DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}
UPDATE_KINDS = words(
    "message edited_message channel_post edited_channel_post business_connection business_message "
    "edited_business_message deleted_business_messages message_reaction message_reaction_count "
    "inline_query chosen_inline_result callback_query shipping_query pre_checkout_query "
    "purchased_paid_media poll poll_answer my_chat_member chat_member chat_join_request chat_boost "
    "removed_chat_boost managed_bot guest_message"
)
#: Sent only to bots that ask for them by name.
UPDATE_KINDS_ON_REQUEST = words("chat_member message_reaction message_reaction_count")
