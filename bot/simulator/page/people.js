// Who has a phone: the row of people above the phones, and who joins them.

import { ask, avatar, el, field, signButton } from "./dom.js";
import { Phone } from "./phone.js";
import { post } from "./wire.js";
import { LANGUAGES, language, named, say } from "./words.js";

const KEPT_AS = "beatline.phones";
/** Ids of people added on the page; a real account's are longer. */
const FIRST_ADDED_ID = 710001;

export class People {
  constructor(world, row, stage) {
    this.world = world;
    this.row = row;
    this.stage = stage;
    this.phones = new Map();
    this.unread = new Map();
    this.chips = el("div", { class: "chips" });
    row.setAttribute("aria-label", say("people"));
    world.on("ready", () => this.ready());
    world.on("chat", () => this.refresh());
    world.on("message", (message) => this.arrived(message));
  }

  /** The first time: open the phones that were open, or those of the scene. */
  ready() {
    if (this.phones.size === 0) {
      const kept = JSON.parse(sessionStorage.getItem(KEPT_AS) ?? "null");
      const wanted = kept ?? this.firstOpen() ?? [...this.everybody().keys()].slice(0, 2);
      for (const id of wanted) if (this.everybody().has(id)) this.open(id, false);
    }
    this.refresh();
  }

  /** Whom the scene opens with; of the residents, the one who speaks the page's language. */
  firstOpen() {
    const { open, residents = [] } = this.world.scene;
    const neighbour = residents.find((one) => one.language_code === language);
    const isResident = (id) => residents.some((one) => one.user_id === id);
    return open?.map((id) => (neighbour && isResident(id) ? neighbour.user_id : id));
  }

  /** Everybody by id: the scene's people first, then whoever wrote or was added. */
  everybody() {
    const { scene, chats } = this.world;
    const people = new Map();
    for (const one of scene.residents ?? []) people.set(one.user_id, residentOf(one));
    for (const one of scene.officers ?? []) people.set(one.user_id, officerOf(one));
    for (const chat of chats.values()) {
      if (chat.type === "private" && !people.has(chat.chat_id)) people.set(chat.chat_id, strangerOf(chat));
    }
    return people;
  }

  arrived(message) {
    if (!message.from_bot || this.phones.has(message.chat_id)) return;
    this.unread.set(message.chat_id, (this.unread.get(message.chat_id) ?? 0) + 1);
    this.refresh();
  }

  open(id, isToBeShown = true) {
    const person = this.everybody().get(id);
    if (!this.phones.has(id) && person) {
      const phone = new Phone(this.world, person, {
        onUnread: (count) => { this.unread.set(id, count); this.refresh(); },
        onClose: () => this.close(id),
      });
      this.phones.set(id, phone);
      this.unread.delete(id);
      this.stage.append(phone.element);
      this.keep();
    }
    this.refresh();
    if (!isToBeShown) return;
    this.phones.get(id)?.element.scrollIntoView({ inline: "center", block: "nearest" });
    this.chipOf(id)?.scrollIntoView({ inline: "nearest", block: "nearest" });
  }

  close(id) {
    this.phones.get(id)?.remove();
    this.phones.delete(id);
    this.keep();
    this.refresh();
  }

  keep() {
    sessionStorage.setItem(KEPT_AS, JSON.stringify([...this.phones.keys()]));
  }

  refresh() {
    const chips = [...this.everybody().values()].map((person) => this.chip(person));
    const sign = chips.length > 0 ? "＋" : `＋ ${say("addPerson")}`;
    const add = signButton(sign, say("addPerson"), () => this.add(), { class: "chip add" });
    const focused = document.activeElement.closest?.(".chip")?.dataset.id;
    this.chips.replaceChildren(...chips);
    this.row.replaceChildren(this.chips, add);
    if (focused) this.chipOf(focused)?.focus({ preventScroll: true });
  }

  chipOf(id) {
    return this.chips.querySelector(`[data-id="${id}"]`);
  }

  chip(person) {
    const count = this.unread.get(person.id) ?? 0;
    return el(
      "button",
      {
        type: "button",
        class: "chip",
        onclick: () => this.open(person.id),
        "aria-pressed": String(this.phones.has(person.id)),
        title: person.about,
        "data-id": person.id,
      },
      avatar(person),
      el("span", { class: "names" }, el("b", { dir: "auto" }, person.name), el("small", { dir: "auto" }, person.about)),
      count > 0 ? el("span", { class: "count", role: "img", "aria-label": say("unread", { count }) }, String(count)) : null,
    );
  }

  /** Somebody new: the simulated Telegram knows whoever acts. */
  async add() {
    const made = await ask(say("addPerson"), (form, done) => {
      const name = el("input", { type: "text", dir: "auto", maxlength: 64, required: true });
      const choice = el("select", {}, Object.entries(LANGUAGES).map(([code, words]) => el("option", { value: code, selected: code === language }, words)));
      const id = el("input", { type: "number", min: 1, step: 1 });
      const add = () => {
        if (!form.reportValidity()) return;
        done({ first_name: name.value, language_code: choice.value, user_id: id.value ? id.valueAsNumber : this.freeId() });
      };
      form.addEventListener("submit", (event) => { event.preventDefault(); add(); });
      form.append(field(say("name"), name), field(say("language"), choice), field(say("telegramId"), id), el("button", { type: "submit", class: "main" }, say("add")));
    }, say("cancel"));
    if (!made) return;
    await post("person", made);
    this.whenKnown(made.user_id);
  }

  freeId() {
    let id = FIRST_ADDED_ID;
    while (this.everybody().has(id)) id += 1;
    return id;
  }

  whenKnown(id) {
    if (this.everybody().has(id)) { this.open(id); return; }
    const stop = this.world.on("chat", () => {
      if (this.everybody().has(id)) { stop(); this.open(id); }
    });
  }
}

function residentOf(one) {
  const about = [say("resident"), LANGUAGES[one.language_code]].filter(Boolean).join(" · ");
  return { id: one.user_id, name: one.first_name, about, isOfRoster: false };
}

function officerOf(one) {
  const about = [say(one.is_duty_desk ? "dutyDesk" : one.role), ...one.areas.map(named)].join(" · ");
  return { id: one.user_id, name: named(one.name), about, isOfRoster: true };
}

function strangerOf(chat) {
  const about = [say("person"), LANGUAGES[chat.user.language_code]].filter(Boolean).join(" · ");
  return { id: chat.chat_id, name: chat.title || String(chat.chat_id), about, isOfRoster: false };
}
