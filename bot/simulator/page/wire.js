// The way to the simulator's control API. What it can do is documented in bot/simulator/control.py.

/** Do something: an answer, or an Error whose message is the simulator's sentence. */
export async function post(what, request = {}) {
  return answered(await fetch(`/sim/${what}`, { method: "POST", body: JSON.stringify(request) }));
}

/** Look at something. */
export async function get(what, query = {}) {
  return answered(await fetch(`/sim/${what}?${new URLSearchParams(query)}`));
}

async function answered(response) {
  const body = await response.json();
  if (!response.ok) throw new Error(body.error);
  return body;
}

/** Follow everything that happens. `onOpen` is called at every (re)connection: what happened in
 * between was not told, so everything is to be looked at anew. The browser reconnects by itself. */
export function follow(kinds, { onOpen, onEvent, onLost }) {
  const stream = new EventSource("/sim/events");
  stream.addEventListener("open", onOpen);
  stream.addEventListener("error", () => {
    onLost();
    if (stream.readyState === EventSource.CLOSED) {
      setTimeout(() => follow(kinds, { onOpen, onEvent, onLost }), 2000);
    }
  });
  for (const kind of kinds) {
    stream.addEventListener(kind, (event) => onEvent(kind, JSON.parse(event.data)));
  }
}
