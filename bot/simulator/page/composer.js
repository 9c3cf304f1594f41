// The lower end of a phone: writing field, what is answered or edited, the buttons the bot put there.

import { chooseLink } from "./attachments.js";
import { button, el, openMenu, signButton } from "./dom.js";
import { offerAttachments, offerCommands } from "./menus.js";
import { excerpt } from "./message.js";
import { named, say } from "./words.js";

export class Composer {
  constructor(phone) {
    this.phone = phone;
    this.answered = null;
    this.edited = null;
    this.areKeysShown = true;
    this.element = el("footer", { class: "composer" });
    this.build();
  }

  build() {
    const { phone } = this;
    this.above = el("div", { class: "above", hidden: true });
    this.field = el("textarea", {
      rows: 1,
      dir: "auto",
      "aria-label": say("message"),
      onkeydown: (event) => this.onKey(event),
      oninput: () => this.grow(),
    });
    this.keysToggle = signButton("⌨", say("buttonsBelow"), () => this.toggleKeys(), { "aria-expanded": "true" });
    this.keys = el("div", { class: "keyboard below" });
    this.writing = el(
      "div",
      { class: "writing" },
      signButton("＋", say("attach"), (event) => offerAttachments(phone, event.currentTarget), {
        "aria-haspopup": "menu",
      }),
      signButton("/", say("commands"), (event) => offerCommands(phone, event.currentTarget), {
        class: "slash",
        "aria-haspopup": "menu",
      }),
      this.field,
      this.keysToggle,
      signButton("➤", say("send"), () => this.send(), { class: "send" }),
    );
    this.gate = el("div", { class: "gate" });
    this.element.append(this.above, this.writing, this.keys, this.gate);
  }

  /** Show what fits the state of the chat. */
  refresh(chat) {
    const isOpen = Boolean(chat?.has_started) && !chat.blocked && !chat.deactivated;
    this.writing.hidden = !isOpen;
    this.gate.hidden = isOpen;
    this.gate.replaceChildren(...(isOpen ? [] : this.gateOf(chat)));
    this.showKeys(isOpen ? chat.reply_keyboard : null);
    if (!isOpen) this.forget();
  }

  gateOf(chat) {
    const { phone } = this;
    if (chat?.deactivated) return [el("p", {}, say("isGone"))];
    if (chat?.blocked) {
      return [el("p", {}, say("isBlocked")), button(say("unblock"), () => phone.block(false), { class: "main" })];
    }
    const others = el(
      "div",
      { class: "row" },
      button(say("openLink"), () => chooseLink(phone), { class: "quiet" }),
      button(say("start"), () => phone.start(""), { class: "quiet" }),
    );
    return [...this.areaLinks(), others];
  }

  /** For somebody who has not met the bot: the link on the area's poster, one press away. */
  areaLinks() {
    const links = this.phone.linksOffered();
    if (links.length === 0) return [];
    const [first, ...others] = links;
    const words = (link) => say("openLinkOf", { area: named(link.name) });
    const made = [button(`🔗 ${words(first)}`, () => this.phone.start(first.parameter), { class: "main", dir: "auto" })];
    if (others.length > 0) {
      const items = others.map((link) => [words(link), () => this.phone.start(link.parameter)]);
      const opener = button(`${say("otherLink")} ▾`, () => openMenu(opener, items, { name: say("otherLink") }), {
        class: "quiet",
        "aria-haspopup": "menu",
      });
      made.push(el("div", { class: "around" }, opener));
    }
    return made;
  }

  showKeys(keyboard) {
    const rows = keyboard?.keyboard ?? [];
    this.keysToggle.hidden = rows.length === 0;
    this.keys.hidden = rows.length === 0 || !this.areKeysShown;
    this.field.placeholder = keyboard?.input_field_placeholder ?? say("message");
    this.keys.replaceChildren(
      ...rows.map((row) => el("div", { class: "row" }, row.map((key) => this.keyButton(key, keyboard)))),
    );
  }

  keyButton(key, keyboard) {
    const { phone } = this;
    const act = () => {
      if (key.request_location) phone.choosePlace();
      else if (key.request_contact) phone.sendContact();
      else phone.write(key.text);
      if (keyboard.one_time_keyboard) this.toggleKeys(false);
    };
    return button(key.text, act, { dir: "auto" });
  }

  toggleKeys(areShown = !this.areKeysShown) {
    this.areKeysShown = areShown;
    this.keys.hidden = !areShown;
    this.keysToggle.setAttribute("aria-expanded", String(areShown));
  }

  /** The next text answers this message. */
  replyTo(message) {
    this.edited = null;
    this.answered = message;
    const name = message.from_bot ? this.phone.botName : message.from.first_name;
    this.showAbove(say("replyingTo", { name }), excerpt(message));
    this.field.focus();
  }

  /** The next text replaces this message's. */
  edit(message) {
    this.answered = null;
    this.edited = message;
    this.field.value = message.text;
    this.showAbove(say("editing"), message.text || excerpt(message));
    this.grow();
    this.field.focus();
  }

  showAbove(title, words) {
    this.above.hidden = false;
    this.above.replaceChildren(
      el("div", { class: "quote" }, el("b", { dir: "auto" }, title), el("span", { dir: "auto" }, words)),
      signButton("✕", say("cancel"), () => this.forget()),
    );
  }

  forget() {
    if (this.edited) this.field.value = "";
    this.answered = this.edited = null;
    this.above.hidden = true;
    this.grow();
  }

  /** The id of the message that is being answered; asked once, for whatever is sent next. */
  takeAnswered() {
    const answered = this.answered;
    if (answered) this.forget();
    return answered ? { reply_to_message_id: answered.message_id } : {};
  }

  onKey(event) {
    if (event.key === "Escape") this.forget();
    // While an input method is composing, Enter chooses a word.
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    }
  }

  async send() {
    const text = this.field.value.trim();
    if (text === "") return;
    const { edited } = this;
    this.field.value = "";
    const isDone = edited ? await this.phone.change(edited, text) : await this.phone.write(text);
    if (!isDone && this.field.value === "") this.field.value = text;
    else if (edited) this.forget();
    this.grow();
  }

  grow() {
    this.field.style.height = "auto";
    const { scrollHeight, offsetHeight, clientHeight } = this.field;
    // A field nobody sees has no height of its own.
    this.field.style.height = scrollHeight > 0 ? `${scrollHeight + offsetHeight - clientHeight}px` : "";
  }
}
