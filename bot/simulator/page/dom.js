// Elements, menus and dialogs. Texts are always set as text: nothing here parses HTML.

/** An element: `el("p", {class: "hint", onclick: act}, "words", child)`; null children are skipped. */
export function el(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A button that never submits a form. */
export function button(label, act, properties = {}) {
  return el("button", { type: "button", onclick: act, ...properties }, label);
}

/** A button that shows a sign; its words are for those who cannot see it, and for the pointer. */
export function signButton(sign, words, act, properties = {}) {
  return button(sign, act, { "aria-label": words, title: words, ...properties });
}

/** The round picture of somebody: the first letter on a colour of their own. */
export function avatar({ id, name }) {
  const made = el("span", { class: "avatar", "aria-hidden": true }, [...name][0] ?? "?");
  made.style.setProperty("--hue", String((id * 47) % 360));
  return made;
}

let closeOpenMenu = null;

/** Open a menu of `[words, act]` beside a button; a second press, Escape or a click elsewhere closes it. */
export function openMenu(opener, items, { name, place = opener.parentElement } = {}) {
  const isAgain = opener.getAttribute("aria-expanded") === "true";
  closeOpenMenu?.();
  if (isAgain) return;
  const menu = el("div", { class: "menu", role: "menu", "aria-label": name });
  const close = (backToOpener = false) => {
    menu.remove();
    opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", elsewhere, true);
    closeOpenMenu = null;
    if (backToOpener) opener.focus();
  };
  const elsewhere = (event) => {
    if (!menu.contains(event.target) && !opener.contains(event.target)) close();
  };
  for (const [words, act] of items) {
    menu.append(button(words, () => { close(); act(); }, { role: "menuitem", dir: "auto" }));
  }
  menu.addEventListener("keydown", (event) => walk(event, menu, () => close(true)));
  document.addEventListener("pointerdown", elsewhere, true);
  opener.setAttribute("aria-expanded", "true");
  place.append(menu);
  keepInside(menu);
  menu.querySelector("button")?.focus();
  closeOpenMenu = close;
}

function walk(event, menu, close) {
  const items = [...menu.querySelectorAll("button")];
  const at = items.indexOf(document.activeElement);
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key === "Escape") { event.stopPropagation(); close(); }
  else if (event.key in steps) {
    event.preventDefault();
    items[(at + steps[event.key] + items.length) % items.length].focus();
  }
}

/** A menu that would leave its phone to the side is pushed back into it. */
function keepInside(menu) {
  const around = (menu.closest(".phone") ?? document.body).getBoundingClientRect();
  const box = menu.getBoundingClientRect();
  if (box.left < around.left) menu.style.translate = `${around.left - box.left + 6}px 0`;
  else if (box.right > around.right) menu.style.translate = `${around.right - box.right - 6}px 0`;
  if (box.top < around.top) menu.classList.add("downward");
}

/** Ask in a dialog. `fill(form, done)` puts the questions into it; answers what `done` was given,
 * or undefined when it was closed. */
export function ask(title, fill, closeWords) {
  return new Promise((resolve) => {
    let answer;
    const dialog = el("dialog", { "aria-label": title });
    const form = el("form", { method: "dialog" }, el("h2", { dir: "auto" }, title));
    const done = (value) => { answer = value; dialog.close(); };
    fill(form, done);
    form.append(el("p", { class: "ends" }, button(closeWords, () => dialog.close(), { class: "quiet" })));
    dialog.append(form);
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A labelled field. */
export function field(words, input) {
  return el("label", { class: "field" }, el("span", {}, words), input);
}
