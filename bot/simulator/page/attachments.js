// What a phone can send besides words: ready-made samples, files, places, links.

import { ask, button, el, field } from "./dom.js";
import { drawLamp, drawPothole } from "./sample_picture.js";
import { named, say } from "./words.js";

/** The entries of a phone's 📎 menu. */
export function attachments(phone) {
  const sends = (content) => () => phone.send(content);
  return [
    [`🖼 ${say("samplePicture")}`, () => phone.send({ photo: true, content: drawLamp(phone.now()) })],
    [`🖼 ${say("pictureFile")}`, () => sendPictureFile(phone)],
    [`🖼 ${say("album")}`, () => sendAlbum(phone)],
    [`📍 ${say("place")}`, () => phone.choosePlace()],
    [`🎤 ${say("voice")}`, sends({ voice: { duration: 7 } })],
    [`📄 ${say("document")}`, sends({ document: true, content: btoa("%PDF-1.4\n"), file_name: "letter.pdf" })],
    [`🏷 ${say("sticker")}`, sends({ sticker: { emoji: "👍" } })],
    [`👤 ${say("contact")}`, () => phone.sendContact()],
    [`🔗 ${say("openLink")}`, () => chooseLink(phone)],
  ];
}

function sendPictureFile(phone) {
  const input = el("input", { type: "file", accept: "image/*" });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (file) {
      await phone.send({ photo: true, content: await asDataUrl(file), file_name: file.name, mime_type: file.type || "image/jpeg" });
    }
  });
  input.click();
}

function asDataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}

async function sendAlbum(phone) {
  const album = String(Date.now());
  const pictures = [drawLamp(phone.now()), drawPothole(phone.now())];
  for (const content of pictures) await phone.send({ photo: true, content, media_group_id: album });
}

/** Ask for one of the station's sample places, or coordinates; undefined when none was chosen. */
export function askPlace(places) {
  return ask(say("whichPlace"), (form, done) => {
    for (const place of places) {
      const { latitude, longitude } = place;
      form.append(button(named(place.name), () => done({ latitude, longitude }), { class: "choice", dir: "auto" }));
    }
    const [first] = places;
    const number = (value, most) =>
      el("input", { type: "number", step: "any", min: -most, max: most, required: true, value });
    const latitude = number(first?.latitude ?? 30.0005, 90);
    const longitude = number(first?.longitude ?? 100.0005, 180);
    const send = () => {
      if (form.reportValidity()) done({ latitude: latitude.valueAsNumber, longitude: longitude.valueAsNumber });
    };
    form.append(
      el("fieldset", {},
        el("legend", {}, say("typedPlace")),
        field(say("latitude"), latitude),
        field(say("longitude"), longitude),
        button(say("send"), send, { class: "main" }),
      ),
    );
    onEnter(form, send);
  }, say("cancel"));
}

/** Ask for one of the areas' links or one that is pasted, and open it. */
export async function chooseLink(phone) {
  const parameter = await ask(say("openLink"), (form, done) => {
    for (const link of phone.allLinks()) {
      form.append(button(named(link.name), () => done(link.parameter), { class: "choice", dir: "auto" }));
    }
    const pasted = el("input", { type: "text", dir: "ltr", autocomplete: "off" });
    const open = () => done(startParameter(pasted.value));
    form.append(field(say("pasteLink"), pasted), button(say("open"), open, { class: "main" }));
    onEnter(form, open);
  }, say("cancel"));
  if (parameter !== undefined) phone.start(parameter);
}

function onEnter(form, act) {
  form.addEventListener("submit", (event) => { event.preventDefault(); act(); });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.tagName === "INPUT") { event.preventDefault(); act(); }
  });
}

/** What a bot link starts with; a bare parameter is taken as it is. */
export function startParameter(typed) {
  const found = /[?&]start=([^&#\s]*)/.exec(typed);
  return found ? decodeURIComponent(found[1]) : typed.trim();
}
