// One message as a phone shows it.

import { button, el, signButton } from "./dom.js";
import { offerMessage } from "./menus.js";
import { say } from "./words.js";

/** A word or two about a message, for quotes and lists. */
export function excerpt(message) {
  if (!message) return say("deletedMessage");
  return message.text || subject(message);
}

const SIGNS = {
  photo: "🖼", video: "🎬", animation: "🎞", audio: "🎵", voice: "🎤", video_note: "⭕",
  document: "📄", sticker: "🏷", contact: "👤", location: "📍", venue: "📍", poll: "📊",
};

function subject(message) {
  const { kind, content } = message;
  if (kind === "document") return `📄 ${content.document.file_name ?? say("document")}`;
  if (kind === "contact") return `👤 ${content.contact.first_name}`;
  if (kind === "venue") return `📍 ${content.venue.title}`;
  if (kind === "dice") return `${content.dice.emoji} ${content.dice.value}`;
  return kind in SIGNS ? `${SIGNS[kind]} ${say(kind)}` : say("other", { kind });
}

/** The element of a message. `phone` acts: reply, press, open links, run commands, more. */
export function messageElement(message, phone) {
  const isOwn = !message.from_bot && message.from.id === phone.person.id;
  const bubble = el(
    "div",
    { class: "bubble", onclick: (event) => tapped(event, message, phone) },
    forwardedFrom(message),
    quoted(message, phone),
    media(message),
    words(message, phone),
    foot(message, phone),
  );
  return el(
    "article",
    {
      class: `message ${isOwn ? "own" : "theirs"}`,
      "data-id": message.message_id,
      "data-album": message.media_group_id,
    },
    el("div", { class: "line" }, bubble, actions(message, phone)),
    inlineKeyboard(message, phone),
    reactions(message),
  );
}

/** A tap on a message answers it, as on a phone; links, buttons and selected words do their own. */
function tapped(event, message, phone) {
  if (event.target.closest("a, button, summary, [role=button], tg-spoiler")) return;
  if (!document.getSelection().isCollapsed) return;
  phone.replyTo(message);
}

function actions(message, phone) {
  return el(
    "div",
    { class: "actions" },
    signButton("↩", say("reply"), () => phone.replyTo(message)),
    signButton("⋯", say("more"), (event) => offerMessage(phone, message, event.currentTarget), {
      "aria-haspopup": "menu",
    }),
  );
}

function forwardedFrom(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const name = origin.sender_user?.first_name ?? origin.sender_user_name ?? origin.chat?.title ?? "?";
  return el("p", { class: "forwarded", dir: "auto" }, say("forwarded", { name }));
}

function quoted(message, phone) {
  if (message.reply_to === null) return null;
  const answered = phone.message(message.reply_to);
  const name = answered && (answered.from_bot ? phone.botName : answered.from.first_name);
  return el(
    "button",
    { type: "button", class: "quote", onclick: () => phone.show(message.reply_to) },
    name ? el("b", { dir: "auto" }, name) : null,
    el("span", { dir: "auto" }, excerpt(answered)),
  );
}

/** What the server made of text and entities: tags of its own, everything typed escaped. */
function words(message, phone) {
  if (!message.text) return null;
  const text = el("div", { class: "text", dir: "auto" });
  text.innerHTML = message.html;
  for (const link of text.querySelectorAll("a[href]")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.addEventListener("click", (event) => {
      if (phone.openLink(link.href)) event.preventDefault();
    });
  }
  for (const command of text.querySelectorAll(".bot_command")) {
    actsAsButton(command, () => phone.write(command.textContent));
  }
  for (const spoiler of text.querySelectorAll("tg-spoiler")) {
    actsAsButton(spoiler, () => spoiler.classList.add("shown"));
  }
  return text;
}

function actsAsButton(element, act) {
  element.tabIndex = 0;
  element.setAttribute("role", "button");
  element.addEventListener("click", act);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); act(); }
  });
}

function media(message) {
  const { kind, content, file } = message;
  if (kind === "text") return null;
  if (kind === "photo" || kind === "sticker") return picture(message);
  if (kind === "location" || kind === "venue") return place(content, kind);
  if (kind === "contact") {
    const { first_name: first, last_name: last, phone_number: number } = content.contact;
    return card("👤", [first, last].filter(Boolean).join(" "), number);
  }
  if (kind === "poll") {
    return card("📊", content.poll.question, content.poll.options.map((one) => one.text).join(" · "));
  }
  if (kind === "document" && file) {
    const name = content.document.file_name ?? say("document");
    const link = el("a", { href: file.url, download: name, "aria-label": `${say("save")}: ${name}` }, "⤓");
    return card("📄", name, size(file.file_size), link);
  }
  if (kind === "dice") return el("p", { class: "dice" }, subject(message));
  if (file) return card(SIGNS[kind], say(kind), file.duration ? clockLength(file.duration) : "");
  return el("p", { class: "service" }, subject(message));
}

function picture(message) {
  const image = el("img", { src: message.file.url, alt: message.text || say(message.kind), class: message.kind });
  const emoji = message.content.sticker?.emoji;
  const instead = () => (emoji ? el("p", { class: "dice" }, emoji) : card(SIGNS[message.kind], say(message.kind), ""));
  image.addEventListener("error", () => image.replaceWith(instead()));
  return image;
}

function place(content, kind) {
  const { latitude, longitude, live_period: live } = content.location;
  const title = kind === "venue" ? content.venue.title : say(live ? "liveLocation" : "location");
  const map = el("div", { class: "map", "aria-hidden": true }, "📍");
  return el("div", {}, map, card("", title, `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`));
}

function card(sign, title, detail, ...more) {
  return el(
    "div",
    { class: "card" },
    sign ? el("span", { class: "sign", "aria-hidden": true }, sign) : null,
    el("span", { class: "names" }, el("b", { dir: "auto" }, title), el("small", { dir: "auto" }, detail)),
    ...more,
  );
}

function size(bytes) {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function clockLength(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function foot(message, phone) {
  const marks = [
    message.pinned && ["📌", say("pinned")],
    message.silent && ["🔕", say("silent")],
    message.protect_content && ["🔒", say("protected")],
  ].filter(Boolean);
  return el(
    "div",
    { class: "foot" },
    message.edited ? history(message) : null,
    marks.map(([sign, meaning]) => el("span", { title: meaning, role: "img", "aria-label": meaning }, sign)),
    el("time", {}, phone.timeOf(message.date)),
  );
}

/** *edited*, and behind it what stood there before. */
function history(message) {
  const before = message.edits.filter((version) => version.text && version.text !== message.text);
  if (before.length === 0) return el("span", {}, say("edited"));
  return el(
    "details",
    { class: "history" },
    el("summary", { title: say("earlier") }, say("edited")),
    before.map((version) => el("p", { dir: "auto" }, version.text)),
  );
}

function inlineKeyboard(message, phone) {
  if (message.buttons.length === 0) return null;
  return el(
    "div",
    { class: "keyboard inline" },
    message.buttons.map((row) =>
      el("div", { class: "row" }, row.map((one) => inlineButton(one, message, phone))),
    ),
  );
}

function inlineButton(one, message, phone) {
  const act = async (event) => {
    if (one.url) { if (!phone.openLink(one.url)) window.open(one.url, "_blank", "noopener,noreferrer"); }
    else if (one.copy_text) phone.copy(one.copy_text.text);
    else if (one.callback_data) await phone.press(message, one, event.currentTarget);
  };
  return button(one.text, act, { dir: "auto", title: one.url ?? null });
}

function reactions(message) {
  if (message.reactions.length === 0) return null;
  return el(
    "p",
    { class: "reactions" },
    message.reactions.map((one) => el("span", { role: "img", "aria-label": `${say("react")}: ${one.emoji}` }, one.emoji)),
  );
}
