// One person's phone: the private chat with the bot, and everything that person can do there.

import { askPlace } from "./attachments.js";
import { Composer } from "./composer.js";
import { ask, avatar, button, el, signButton } from "./dom.js";
import { offerPhone } from "./menus.js";
import { MessageList } from "./message_list.js";
import { post } from "./wire.js";
import { say } from "./words.js";

const TOAST_MS = 5000;
const TYPING_MS = 5000;
/** A press that the bot does not answer stops looking busy; Telegram waits as long. */
const PRESS_MS = 15000;

export class Phone {
  /** `person`: {id, name, about}; `onUnread(count)` and `onClose()` tell the page. */
  constructor(world, person, { onUnread, onClose }) {
    this.world = world;
    this.person = person;
    this.onUnread = onUnread;
    this.onClose = onClose;
    this.unread = 0;
    this.isInView = false;
    this.composer = new Composer(this);
    this.build();
    this.subscriptions = this.subscribe();
    this.viewer = new IntersectionObserver(([entry]) => {
      this.isInView = entry.intersectionRatio > 0.5;
      this.read();
    }, { threshold: [0, 0.6] });
    this.viewer.observe(this.element);
    world.watch(person.id).catch((error) => this.toast(error.message));
  }

  build() {
    const { person } = this;
    this.status = el("small", { dir: "auto" }, person.about);
    this.list = new MessageList(this, {
      name: say("phoneOf", { name: person.name }),
      onRead: () => this.read(),
    });
    this.newest = button("↓", () => this.list.toNewest(), {
      class: "newest", "aria-label": say("toNewest"), title: say("toNewest"), hidden: true,
    });
    this.toasts = el("div", { class: "toasts", role: "status" });
    this.element = el(
      "section",
      { class: "phone", id: `phone-${person.id}`, "aria-label": say("phoneOf", { name: person.name }) },
      el(
        "header",
        {},
        avatar(person),
        el("div", { class: "names" }, el("b", { dir: "auto" }, person.name), this.status),
        signButton("⋮", say("menuOf", { name: person.name }), (event) => offerPhone(this, event.currentTarget), { "aria-haspopup": "menu" }),
        signButton("✕", say("closePhone"), () => this.onClose()),
      ),
      el("div", { class: "middle" }, this.list.element, this.newest, this.toasts),
      this.composer.element,
    );
  }

  subscribe() {
    const mine = (hear) => (data) => { if (data.chat_id === this.person.id) hear(data); };
    const { world } = this;
    return [
      world.on("ready", () => this.refresh()),
      world.on("chat", mine(() => this.refreshChat())),
      world.on("message", mine((message) => this.arrived(message))),
      world.on("edit", mine((message) => this.list.put(message))),
      world.on("reaction", mine((message) => this.list.put(message))),
      world.on("delete", mine(({ message_id: id }) => this.take(id))),
      world.on("chat_action", mine(() => this.typing())),
      world.on("callback_answer", mine((answer) => this.answered(answer))),
    ];
  }

  remove() {
    for (const stop of this.subscriptions) stop();
    this.viewer.disconnect();
    this.list.remove();
    this.world.unwatch(this.person.id);
    this.element.remove();
  }

  get chat() {
    return this.world.chats.get(this.person.id);
  }

  get botName() {
    return this.world.bot.first_name;
  }

  now() {
    return this.world.now();
  }

  message(id) {
    return this.world.message(this.person.id, id);
  }

  // --- what is shown ---------------------------------------------------------------------------

  /** Show everything anew. */
  refresh() {
    this.list.refresh(this.world.messages.get(this.person.id)?.values() ?? []);
    this.composer.refresh(this.chat);
  }

  refreshChat() {
    if (this.list.isEmpty) this.refresh();
    else this.composer.refresh(this.chat);
  }

  arrived(message) {
    this.list.put(message);
    if (message.reply_keyboard) this.useKeyboard(message);
    this.status.textContent = this.person.about;
    if (!message.from_bot) this.list.toNewest();
    else if (!this.isRead()) this.setUnread(this.unread + 1);
  }

  /** The bot put something under the writing field. */
  useKeyboard(message) {
    if (message.reply_keyboard.keyboard) this.composer.toggleKeys(true);
    this.composer.refresh(this.chat);
    if (message.reply_keyboard.force_reply) this.composer.replyTo(message);
  }

  take(id) {
    this.list.take(id);
    if (this.composer.answered?.message_id === id) this.composer.forget();
  }

  timeOf(date) {
    return this.list.format(date, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  }

  /** Whether the newest message is before somebody's eyes. */
  isRead() {
    return this.isInView && this.list.isAtEnd() && !document.hidden;
  }

  read() {
    if (this.isRead()) this.setUnread(0);
    this.newest.hidden = this.list.isAtEnd();
  }

  setUnread(count) {
    if (count === this.unread) return;
    this.unread = count;
    this.newest.replaceChildren("↓", ...(count > 0 ? [el("span", { class: "count" }, String(count))] : []));
    this.onUnread(count);
  }

  show(id) {
    if (!this.list.show(id)) this.toast(say("deletedMessage"));
  }

  toast(words) {
    const toast = el("p", { dir: "auto" }, words);
    this.toasts.append(toast);
    setTimeout(() => toast.remove(), TOAST_MS);
  }

  typing() {
    this.status.textContent = say("typing");
    setTimeout(() => { this.status.textContent = this.person.about; }, TYPING_MS);
  }

  answered({ user_id: userId, message_id: id, text, show_alert: isAlert }) {
    if (userId !== this.person.id) return;
    this.list.settle(id);
    if (!text) return;
    if (isAlert) ask(this.botName, (form) => form.append(el("p", { dir: "auto" }, text)), say("ok"));
    else this.toast(text);
  }

  // --- what this person does -------------------------------------------------------------------

  /** Do it, and say why when it cannot be done; whether it was done. */
  async act(what, request) {
    try {
      await post(what, { user_id: this.person.id, ...request });
      return true;
    } catch (error) {
      this.toast(error.message);
      return false;
    }
  }

  write(text) {
    return this.send({ text });
  }

  /** Send anything; it answers the message that was chosen for that. */
  send(content) {
    return this.act("say", { ...content, ...this.composer.takeAnswered() });
  }

  sendContact() {
    const number = `+86 100 0000 ${String(this.person.id % 10000).padStart(4, "0")}`;
    return this.send({ contact: { phone_number: number, first_name: this.person.name, user_id: this.person.id } });
  }

  async choosePlace() {
    const location = await askPlace(this.world.scene.places ?? []);
    if (location) this.send({ location });
  }

  change(message, text) {
    const name = message.kind === "text" ? "text" : "caption";
    return this.act("edit", { message_id: message.message_id, [name]: text });
  }

  start(parameter) {
    return this.act("start", { parameter });
  }

  block(blocked) {
    return this.act("block", { blocked });
  }

  async press(message, { callback_data: data }, pressed) {
    pressed.classList.add("busy");
    setTimeout(() => pressed.classList.remove("busy"), PRESS_MS);
    if (!(await this.act("press", { message_id: message.message_id, data }))) pressed.classList.remove("busy");
  }

  replyTo(message) {
    this.composer.replyTo(message);
  }

  async copy(text) {
    await navigator.clipboard.writeText(text);
    this.toast(say("copied"));
  }

  /** Links of our own bot start it here, as Telegram would; others are the browser's. */
  openLink(address) {
    const { pathname, hostname, searchParams, protocol } = new URL(address, location.href);
    const bot = this.world.bot.username.toLowerCase();
    const isWeb = hostname === "t.me" && pathname.slice(1).toLowerCase() === bot;
    const isApp = protocol === "tg:" && (searchParams.get("domain") ?? "").toLowerCase() === bot;
    if (isWeb || isApp) this.start(searchParams.get("start") ?? "");
    return isWeb || protocol === "tg:";
  }

  allLinks() {
    return this.world.scene.links ?? [];
  }

  /** The area links a newcomer is offered: people of the roster need none. */
  linksOffered() {
    return this.person.isOfRoster ? [] : this.allLinks();
  }
}
