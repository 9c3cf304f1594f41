// The bar at the top: what time it is there, what goes wrong there, what the bot calls.

import { button, el } from "./dom.js";
import { post } from "./wire.js";
import { LANGUAGES, choose, direction, language, say } from "./words.js";

const STEPS = [["plus5", 300], ["plusHour", 3600], ["plusDay", 86400]];
/** Each fault: when it is on, what turns it on, what turns it off. */
const FAULTS = [
  ["p429", (now) => now.p429 > 0, { p429: 0.33, retry_after: 2 }, { p429: 0 }],
  ["p5xx", (now) => now.p5xx > 0, { p5xx: 0.33 }, { p5xx: 0 }],
  ["cut", (now) => now.cut > 0, { cut: 0.2 }, { cut: 0 }],
  ["latency", (now) => now.latency_ms > 0, { latency_ms: 2000 }, { latency_ms: 0 }],
  ["outage", (now) => now.outage_seconds > 0, { outage_seconds: 30 }, { outage_seconds: 0 }],
];

export class Bar {
  constructor(world, element, { onHint, onCalls }) {
    this.world = world;
    this.outUntil = 0;
    this.clock = el("time", { role: "timer", "aria-label": say("clock") });
    this.faultsSummary = el("summary", {}, say("faults"));
    this.boxes = new Map();
    element.append(
      el("h1", {}, say("title")),
      button("?", onHint, { "aria-label": say("showHint"), title: say("showHint"), class: "round" }),
      el("span", { class: "space" }),
      el("span", { class: "group", role: "group", "aria-label": say("moveClock") }, el("span", { "aria-hidden": true }, "🕒"), this.clock, STEPS.map(([words, seconds]) => button(say(words), () => post("clock", { shift_seconds: seconds })))),
      this.faults(),
      button(say("calls"), onCalls, { "aria-expanded": "false", "aria-controls": "calls", id: "calls-toggle" }),
      this.languages(),
    );
    world.on("ready", () => this.refresh());
    world.on("faults", () => this.refresh());
    world.on("clock", () => this.tick());
    setInterval(() => this.tick(), 1000);
  }

  faults() {
    const list = el("div", { class: "panel" }, el("p", {}, say("faultsIntro")));
    for (const [name, , turnOn, turnOff] of FAULTS) {
      const box = el("input", { type: "checkbox", onchange: () => post("faults", box.checked ? turnOn : turnOff) });
      this.boxes.set(name, box);
      list.append(el("label", {}, box, el("span", {}, say(name))));
    }
    this.outage = el("p", { role: "status" });
    const allOff = Object.assign({}, ...FAULTS.map(([, , , turnOff]) => turnOff));
    list.append(this.outage, button(say("allWell"), () => post("faults", allOff)));
    const panel = el("details", { class: "faults" }, this.faultsSummary, list);
    panel.addEventListener("keydown", (event) => { if (event.key === "Escape") panel.open = false; });
    document.addEventListener("pointerdown", (event) => { if (!panel.contains(event.target)) panel.open = false; });
    return panel;
  }

  languages() {
    const options = Object.entries(LANGUAGES).map(([code, words]) =>
      el("option", { value: code, selected: code === language }, words),
    );
    return el("select", { "aria-label": say("pageLanguage"), title: say("pageLanguage"), onchange: (event) => choose(event.target.value) }, options);
  }

  refresh() {
    const { faults } = this.world;
    this.outUntil = faults.outage_seconds > 0 ? Date.now() + faults.outage_seconds * 1000 : 0;
    this.outage.textContent = "";
    let isAnyOn = false;
    for (const [name, isOn] of FAULTS) {
      this.boxes.get(name).checked = isOn(faults);
      isAnyOn ||= isOn(faults);
    }
    this.faultsSummary.textContent = isAnyOn ? `● ${say("faultsOn")}` : say("faults");
    this.faultsSummary.classList.toggle("on", isAnyOn);
    this.tick();
  }

  tick() {
    const timeZone = this.world.scene.timezone;
    const style = { weekday: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone };
    this.clock.textContent = new Intl.DateTimeFormat(language, style).format(this.world.now());
    this.clock.title = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long", timeZone }).format(this.world.now());
    if (this.outUntil > 0) this.countDown();
  }

  countDown() {
    const seconds = Math.ceil((this.outUntil - Date.now()) / 1000);
    this.outage.textContent = seconds > 0 ? say("outageLeft", { seconds }) : "";
    if (seconds > 0) return;
    this.world.faults = { ...this.world.faults, outage_seconds: 0 };
    this.refresh();
  }
}

/** Let the whole page speak and run in the chosen language. */
export function setDirection() {
  document.documentElement.lang = language;
  document.documentElement.dir = direction;
  document.title = say("title");
}
