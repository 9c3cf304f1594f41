// What the bot calls, for those who want to see it: the newest calls of the Bot API.

import { el } from "./dom.js";
import { get } from "./wire.js";
import { say } from "./words.js";

const EVERY_MS = 1000;
const ROWS = 200;

export class Calls {
  constructor(element, toggle) {
    this.element = element;
    this.toggle = toggle;
    this.since = null;
    this.timer = null;
    this.rows = el("tbody");
    this.withPolls = el("input", { type: "checkbox", onchange: () => element.classList.toggle("with-polls", this.withPolls.checked) });
    const heads = ["method", "chat", "status", "said"].map((key) => el("th", { scope: "col" }, say(key)));
    element.append(
      el("h2", {}, say("callLog"), el("label", {}, this.withPolls, el("span", {}, say("withPolls")))),
      el("div", { class: "scroll", tabindex: "0" }, el("table", {}, el("thead", {}, el("tr", {}, heads)), this.rows)),
    );
  }

  /** Show or hide; while it is hidden nobody asks. */
  switch() {
    this.element.hidden = !this.element.hidden;
    this.toggle.setAttribute("aria-expanded", String(!this.element.hidden));
    clearInterval(this.timer);
    if (!this.element.hidden) {
      this.timer = setInterval(() => this.look(), EVERY_MS);
      this.look();
    }
  }

  async look() {
    try {
      if (this.since === null) this.since = Math.max(0, (await get("calls", { limit: 0 })).last - ROWS);
      const { calls, last } = await get("calls", { since: this.since, limit: ROWS });
      if (last < this.since) this.since = 0; // a simulator that began anew
      for (const call of calls) this.add(call);
    } catch {
      this.since = null; // out of reach: look again later, the page says so
    }
  }

  add(call) {
    this.since = call.number;
    const isBad = call.status !== 200;
    const status = { 0: say("cutBefore"), [-1]: say("cutAfter") }[call.status] ?? String(call.status);
    this.rows.prepend(
      el(
        "tr",
        { class: [isBad ? "bad" : "", call.method.toLowerCase() === "getupdates" ? "poll" : ""].join(" ").trim() || null },
        el("td", {}, call.method),
        el("td", {}, call.chat_id === null ? "" : String(call.chat_id)),
        el("td", {}, status),
        el("td", { dir: "auto" }, call.description ?? (call.message_id === null ? "" : `#${call.message_id}`)),
      ),
    );
    while (this.rows.children.length > ROWS) this.rows.lastElementChild.remove();
  }
}
