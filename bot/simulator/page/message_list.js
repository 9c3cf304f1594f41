// The messages of one phone, oldest first, and whether the newest one is in sight.

import { el } from "./dom.js";
import { messageElement } from "./message.js";
import { language, say } from "./words.js";

/** Whoever is this close to the end reads the newest message. */
const NEAR_END_PIXELS = 60;

export class MessageList {
  /** `onRead()` is called whenever the newest message may have come into sight or gone out of it. */
  constructor(phone, { name, onRead }) {
    this.phone = phone;
    this.onRead = onRead;
    this.elements = new Map();
    this.lastDay = "";
    this.isFollowing = true;
    this.lastTop = 0;
    this.element = el("div", {
      class: "messages",
      role: "log",
      "aria-label": name,
      tabindex: "0",
      onscroll: () => this.scrolled(),
    });
    // Pictures grow when they are loaded, phones shrink when the log of calls opens.
    for (const end of ["load", "error"]) {
      this.element.addEventListener(end, () => this.keepFollowing(), true);
    }
    this.fitter = new ResizeObserver(() => this.keepFollowing());
    this.fitter.observe(this.element);
  }

  remove() {
    this.fitter.disconnect();
  }

  get isEmpty() {
    return this.elements.size === 0;
  }

  /** Show these messages and no others. */
  refresh(messages) {
    this.elements.clear();
    this.lastDay = "";
    this.element.replaceChildren(el("p", { class: "empty" }, say("noMessages")));
    for (const message of messages) this.put(message);
    this.toNewest();
  }

  /** Show a message where it belongs: in place of its older self, or at the end. */
  put(message) {
    const made = messageElement(message, this.phone);
    const old = this.elements.get(message.message_id);
    this.elements.set(message.message_id, made);
    if (old) {
      made.classList.toggle("continued", old.classList.contains("continued"));
      const hadFocus = old.contains(document.activeElement);
      old.replaceWith(made);
      if (hadFocus) (made.querySelector(".keyboard button") ?? this.element).focus({ preventScroll: true });
    } else {
      this.append(message, made);
    }
    this.keepFollowing();
  }

  append(message, made) {
    this.element.querySelector(".empty")?.remove();
    this.separateDay(message.date);
    const album = this.element.lastElementChild?.dataset.album;
    const isContinued = message.media_group_id !== null && album === message.media_group_id;
    made.classList.toggle("continued", isContinued);
    this.element.append(made);
  }

  separateDay(date) {
    const day = this.format(date, { dateStyle: "medium" });
    if (day === this.lastDay) return;
    this.lastDay = day;
    this.element.append(el("p", { class: "day" }, el("span", {}, day)));
  }

  take(id) {
    this.elements.get(id)?.remove();
    this.elements.delete(id);
  }

  /** The buttons of a message that wait for the bot do so no longer. */
  settle(id) {
    for (const busy of this.elements.get(id)?.querySelectorAll(".busy") ?? []) busy.classList.remove("busy");
  }

  format(date, style) {
    const { timezone: timeZone } = this.phone.world.scene;
    return new Intl.DateTimeFormat(language, { ...style, timeZone }).format(new Date(date * 1000));
  }

  isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PIXELS;
  }

  toNewest() {
    this.element.scrollTop = this.element.scrollHeight;
    this.isFollowing = true;
    this.onRead();
  }

  /** Only who scrolls up leaves the newest message; what grows below is no reason. */
  scrolled() {
    const { scrollTop } = this.element;
    if (this.isAtEnd()) this.isFollowing = true;
    else if (scrollTop < this.lastTop) this.isFollowing = false;
    this.lastTop = scrollTop;
    this.onRead();
  }

  keepFollowing() {
    if (this.isFollowing) this.toNewest();
  }

  /** Scroll to a message and let it light up; whether it is there. */
  show(id) {
    const element = this.elements.get(id);
    if (!element) return false;
    element.scrollIntoView({ block: "center" });
    element.classList.remove("lit");
    requestAnimationFrame(() => element.classList.add("lit"));
    return true;
  }
}
