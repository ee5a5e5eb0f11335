// Where this computer keeps what it needs without network: the queue, the lists, who works here, what was answered.

import { openDB } from "../vendor/idb/index.js";

const NAME = "biobank-offline";

/** `queue`: scans by their counter; `told`: answers to be looked at, by key; `kept`: lists, clock and person by name. */
const opened = openDB(NAME, 1, {
  upgrade(database) {
    const queue = database.createObjectStore("queue", { keyPath: "counter", autoIncrement: true });
    queue.createIndex("key", "key", { unique: true });
    database.createObjectStore("told", { keyPath: "key" });
    database.createObjectStore("kept");
  },
});

export const database = () => opened;

export async function kept(name) {
  return (await opened).get("kept", name);
}

export async function keep(name, value) {
  await (await opened).put("kept", value, name);
}

const channel = new BroadcastChannel(NAME);

/** Every open page shows the same queue. */
export function tellAll() {
  channel.postMessage("changed");
  window.dispatchEvent(new Event("offline-changed"));
}

export function whenChanged(act) {
  channel.addEventListener("message", act);
  window.addEventListener("offline-changed", act);
}

/** The offline page is to be there without network, and what is kept here is not to be tidied away. */
export function keepPage() {
  navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
  navigator.storage?.persist?.();
}
