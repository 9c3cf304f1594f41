// What the page knows of the simulated Telegram: chats, their messages, the clock, the faults.
// Everybody who shows something subscribes; nobody asks the simulator what it has just told.

import { follow, get } from "./wire.js";

/** Messages shown when a phone is opened; older ones stay in the simulator. */
const MESSAGES_SHOWN = 300;
const KINDS = [
  "message", "edit", "reaction", "delete", "callback_answer", "chat_action", "chat", "commands",
  "clock", "faults", "reset",
];

export class World extends EventTarget {
  constructor() {
    super();
    this.chats = new Map();
    this.messages = new Map();
    this.scene = {};
    this.bot = {};
    this.faults = {};
    this.clockAheadMs = 0;
    this.isReady = false;
    this.waiting = null;
    this.turn = 0;
  }

  /** Begin to follow; "ready" comes at every connection, "lost" when there is none. */
  start() {
    follow(KINDS, {
      onOpen: () => this.load(),
      onLost: () => this.tell("lost"),
      onEvent: (kind, data) => (this.waiting ? this.waiting.push([kind, data]) : this.take(kind, data)),
    });
  }

  /** Look at everything; what happens meanwhile is applied afterwards. */
  async load() {
    const turn = ++this.turn;
    this.waiting = [];
    try {
      const [state, chats, scene] = await Promise.all([get("state"), get("chats"), get("scene")]);
      this.bot = state.bot;
      this.scene = scene;
      this.faults = state.faults;
      this.setClock(state.clock);
      this.chats = new Map(chats.map((chat) => [chat.chat_id, chat]));
      await Promise.all([...this.messages.keys()].map((chatId) => this.loadMessages(chatId)));
    } catch {
      this.tell("lost");
      setTimeout(() => { if (turn === this.turn) this.load(); }, 1000);
      return;
    }
    if (turn !== this.turn) return; // a later look is under way and will tell
    const missed = this.waiting;
    this.waiting = null;
    this.isReady = true;
    this.tell("ready");
    for (const [kind, data] of missed) this.take(kind, data);
  }

  /** Fetch a chat's messages from now on; without it only its summary is kept. */
  async watch(chatId) {
    await this.loadMessages(chatId);
    this.tell("chat", { chat_id: chatId });
  }

  unwatch(chatId) {
    this.messages.delete(chatId);
  }

  async loadMessages(chatId) {
    const news = new Map(); // what happens while the answer is on its way is newer than the answer
    this.messages.set(chatId, news);
    if (!this.chats.has(chatId)) return;
    const { messages } = await get("chat", { chat_id: chatId, limit: MESSAGES_SHOWN });
    const shown = new Map(messages.map((message) => [message.message_id, message]));
    this.messages.set(chatId, new Map([...shown, ...news]));
  }

  /** Something happened. */
  take(kind, data) {
    if (kind === "message" || kind === "edit" || kind === "reaction") this.keep(kind, data);
    else if (kind === "delete") this.messages.get(data.chat_id)?.delete(data.message_id);
    else if (kind === "chat") this.chats.set(data.chat_id, data);
    else if (kind === "clock") this.setClock(data);
    else if (kind === "faults") this.faults = data;
    else if (kind === "reset") { this.load(); return; }
    this.tell(kind, data);
  }

  keep(kind, message) {
    this.messages.get(message.chat_id)?.set(message.message_id, message);
    const chat = this.chats.get(message.chat_id);
    if (chat && kind === "message" && message.reply_keyboard) {
      const isRemoval = message.reply_keyboard.remove_keyboard;
      chat.reply_keyboard = isRemoval ? null : message.reply_keyboard;
    }
  }

  setClock(clock) {
    this.clockAheadMs = Date.parse(clock.now) - Date.now();
  }

  /** The simulated present. */
  now() {
    return new Date(Date.now() + this.clockAheadMs);
  }

  /** A message of a watched chat. */
  message(chatId, messageId) {
    return this.messages.get(chatId)?.get(messageId);
  }

  tell(kind, data) {
    this.dispatchEvent(new CustomEvent(kind, { detail: data }));
  }

  /** Call `hear(data)` whenever `kind` happens; returns how to stop. */
  on(kind, hear) {
    const listener = (event) => hear(event.detail);
    this.addEventListener(kind, listener);
    return () => this.removeEventListener(kind, listener);
  }
}
