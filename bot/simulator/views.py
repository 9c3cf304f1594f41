"""Without this module nobody would see what is in the world.

Two views of the same things: as the Bot API shows them to the bot, and as a phone shows them to
people (the transcript of the control API).
"""

from __future__ import annotations

from typing import Any

from bot.simulator.entities import as_html
from bot.simulator.world import Chat, Message, Person, World

#: Kinds whose content names a file that can be downloaded.
FILE_KINDS = frozenset(
    {"photo", "video", "animation", "audio", "document", "voice", "video_note", "sticker"}
)
_CONTENT_WORDS = frozenset({"text", "entities", "caption", "caption_entities"})


def user(person: Person) -> dict[str, Any]:
    """A person as the Bot API shows one."""
    shown: dict[str, Any] = {
        "id": person.id,
        "is_bot": person.is_bot,
        "first_name": person.first_name,
    }
    if person.last_name:
        shown["last_name"] = person.last_name
    if person.username:
        shown["username"] = person.username
    if person.language_code:
        shown["language_code"] = person.language_code
    return shown


def chat(of: Chat) -> dict[str, Any]:
    """A chat as the Bot API shows one inside a message."""
    person = of.person
    shown: dict[str, Any] = {"id": of.id, "type": of.type}
    if person is None:
        shown["title"] = of.title
        if of.username:
            shown["username"] = of.username
        if of.is_forum:
            shown["is_forum"] = True
        return shown
    shown["first_name"] = person.first_name
    if person.last_name:
        shown["last_name"] = person.last_name
    if person.username:
        shown["username"] = person.username
    return shown


def message(of: Message, *, with_reply: bool = True) -> dict[str, Any]:
    """A message as the Bot API shows it; the one it answers is shown without its own."""
    shown: dict[str, Any] = {
        "message_id": of.id,
        "from": user(of.sender),
        "chat": chat(of.chat),
        "date": of.date,
        **of.content,
    }
    if of.thread_id is not None:
        shown["message_thread_id"] = of.thread_id
        shown["is_topic_message"] = True
    if with_reply and of.reply_to is not None and not of.reply_to.is_deleted:
        shown["reply_to_message"] = message(of.reply_to, with_reply=False)
        shown.update(of.reply_fields)
    if of.markup is not None:
        shown["reply_markup"] = of.markup
    if of.edited_at is not None:
        shown["edit_date"] = of.edited_at
    if of.media_group_id is not None:
        shown["media_group_id"] = of.media_group_id
    if of.is_protected:
        shown["has_protected_content"] = True
    if of.origin is not None:
        shown["forward_origin"] = of.origin
    return shown


def transcript(of: Message) -> dict[str, Any]:
    """A message as people see it; every field is always there."""
    text, entities = of.text, of.entities
    return {
        "message_id": of.id,
        "chat_id": of.chat.id,
        "date": of.date,
        "from_bot": of.is_from_bot,
        "from": user(of.sender),
        "kind": of.kind,
        "text": text,
        "entities": entities,
        "html": as_html(text, entities),
        "content": {
            name: value for name, value in of.content.items() if name not in _CONTENT_WORDS
        },
        "file": _file(of),
        "buttons": _buttons(of.markup),
        "reply_keyboard": of.reply_keyboard,
        "reply_to": of.reply_to.id if of.reply_to else None,
        "thread_id": of.thread_id,
        "media_group_id": of.media_group_id,
        "edited": of.edited_at,
        "edits": [_version(edit) for edit in of.edits],
        "reactions": [
            {"emoji": reaction.get("emoji"), "user_id": user_id}
            for user_id, reactions in of.reactions.items()
            for reaction in reactions
        ],
        "silent": of.is_silent,
        "protect_content": of.is_protected,
        "forward_origin": of.origin,
        "pinned": of.id in of.chat.pinned,
    }


def _buttons(markup: dict[str, Any] | None) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = (markup or {}).get("inline_keyboard", [])
    return rows


def _version(edit: dict[str, Any]) -> dict[str, Any]:
    return {
        "date": edit["date"],
        "text": edit["text"],
        "html": as_html(edit["text"], edit["entities"]),
        "buttons": _buttons(edit["markup"]),
    }


def file_of(of: Message) -> dict[str, Any] | None:
    """The Bot API object of the message's file: the largest size of a photo."""
    if of.kind not in FILE_KINDS:
        return None
    held: Any = of.content[of.kind]
    found: dict[str, Any] = held[-1] if isinstance(held, list) else held
    return found


def _file(of: Message) -> dict[str, Any] | None:
    """What a page needs to show it: everything the Bot API says, and where the bytes are."""
    held = file_of(of)
    if held is None:
        return None
    return {**held, "url": f"/sim/file?file_id={held['file_id']}"}


def chat_summary(of: Chat) -> dict[str, Any]:
    """A chat in the list of chats."""
    person = of.person
    last = next(reversed(of.messages.values()), None)
    return {
        "chat_id": of.id,
        "type": of.type,
        "title": of.title or (f"{person.first_name} {person.last_name}".strip() if person else ""),
        "user": user(person) if person else None,
        "has_started": person.has_started if person else True,
        "blocked": person.has_blocked if person else of.bot_status in ("left", "kicked"),
        "deactivated": person.is_deactivated if person else False,
        "is_forum": of.is_forum,
        "bot_status": of.bot_status,
        "members": [
            {"user_id": user_id, "status": status} for user_id, status in of.members.items()
        ],
        "topics": [
            {"thread_id": topic.id, "name": topic.name, "closed": topic.is_closed}
            for topic in of.topics.values()
        ],
        "reply_keyboard": of.keyboard,
        "pinned": list(of.pinned),
        "messages_count": len(of.messages),
        "last_message": transcript(last) if last else None,
    }


def full_chat(of: Chat, world: World) -> dict[str, Any]:
    """What getChat answers."""
    shown = chat(of)
    shown.update(
        accent_color_id=0,
        max_reaction_count=11,
        accepted_gift_types=dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            True,
        ),
    )
    if not of.is_private:
        shown["permissions"] = {"can_send_messages": True}
    if of.pinned and (pinned := of.messages.get(of.pinned[-1])) is not None:
        shown["pinned_message"] = message(pinned)
    if of.person is not None and of.person.id in world.people:
        shown["active_usernames"] = [of.person.username] if of.person.username else []
    return shown


def member(person: Person, status: str) -> dict[str, Any]:
    """A ChatMember object."""
    shown: dict[str, Any] = {"user": user(person), "status": status}
    if status == "kicked":
        shown["until_date"] = 0
    if status == "creator":
        shown["is_anonymous"] = False
    if status == "administrator":
        shown.update(dict.fromkeys(_ADMINISTRATOR_RIGHTS, True), is_anonymous=False)
    return shown


_ADMINISTRATOR_RIGHTS = (
    "can_be_edited",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)
