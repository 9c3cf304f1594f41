// The menus of a phone: what can be attached, the bot's commands, the phone's own, a message's.

import { attachments } from "./attachments.js";
import { openMenu } from "./dom.js";
import { get } from "./wire.js";
import { LANGUAGES, say } from "./words.js";

const REACTIONS = ["👍", "❤", "🙏", "😢", "🤔"];

/** What can be sent besides words. */
export function offerAttachments(phone, opener) {
  openMenu(opener, attachments(phone), { name: say("attach"), place: phone.composer.element });
}

/** The commands the bot shows this person. */
export async function offerCommands(phone, opener) {
  const { id } = phone.person;
  const commands = await get("commands", {
    chat_id: id, user_id: id, language_code: phone.chat?.user?.language_code ?? "",
  });
  const items = commands.map(({ command, description }) => [
    `/${command}  ${description}`, () => phone.write(`/${command}`),
  ]);
  if (items.length === 0) phone.toast(say("noCommands"));
  else openMenu(opener, items, { name: say("commands"), place: phone.composer.element });
}

/** Blocking, and the language of Telegram on this phone. */
export function offerPhone(phone, opener) {
  const isBlocked = phone.chat?.blocked;
  const languages = Object.entries(LANGUAGES).map(([code, name]) => [
    say("phoneLanguage", { language: name }), () => changeLanguage(phone, code, name),
  ]);
  const items = [[say(isBlocked ? "unblock" : "block"), () => phone.block(!isBlocked)], ...languages];
  openMenu(opener, items, { name: say("menuOf", { name: phone.person.name }) });
}

async function changeLanguage(phone, code, name) {
  if (await phone.act("person", { language_code: code })) {
    phone.toast(say("languageChanged", { language: name }));
  }
}

/** What can be done with one message. */
export function offerMessage(phone, message, opener) {
  const target = { message_id: message.message_id };
  const items = [[say("reply"), () => phone.composer.replyTo(message)]];
  if (message.text) items.push([say("copyText"), () => phone.copy(message.text)]);
  if (!message.from_bot && message.text) items.push([say("edit"), () => phone.composer.edit(message)]);
  items.push([say("delete"), () => phone.act("delete", target)]);
  for (const emoji of REACTIONS) items.push([emoji, () => phone.act("react", { ...target, emoji })]);
  openMenu(opener, items, { name: say("more") });
}
