// Puts the page together: the bar, the hint, the people and their phones, the calls.

import { Bar, setDirection } from "./bar.js";
import { Calls } from "./calls.js";
import { button, el } from "./dom.js";
import { People } from "./people.js";
import { named, say } from "./words.js";
import { World } from "./world.js";

const HINT_SEEN = "beatline.hint-seen";
const at = (id) => document.getElementById(id);

setDirection();
const world = new World();
const hint = at("hint");

function showHint() {
  const [link] = world.scene.links ?? [];
  const steps = link
    ? [say("hint1", { link: say("openLinkOf", { area: named(link.name) }) }), say("hint2"), say("hint3")]
    : [say("hintBare")];
  hint.replaceChildren(
    el("h2", {}, say("howTo")),
    el("ol", {}, steps.map((step) => el("li", {}, step))),
    el("p", {}, say("hintMore")),
    button(say("gotIt"), () => { hint.hidden = true; localStorage.setItem(HINT_SEEN, "yes"); }, { class: "main" }),
  );
  hint.hidden = false;
}

new Bar(world, at("bar"), {
  onHint: () => { if (hint.hidden) showHint(); else hint.hidden = true; },
  onCalls: () => calls.switch(),
});
const calls = new Calls(at("calls"), at("calls-toggle"));
new People(world, at("people"), at("phones"));

const offline = at("offline");
world.on("lost", () => { offline.textContent = say("offline"); offline.hidden = false; });
world.on("ready", () => {
  offline.hidden = true;
  if (localStorage.getItem(HINT_SEEN) === null) showHint();
});
world.start();
