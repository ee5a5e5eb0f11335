// The queue: scans in the order in which they were made, each until the service has acknowledged it.

import { newKey } from "./codes.js";
import { database, kept, tellAll } from "./store.js";

/** On the disk before the answer is shown: a computer may lose its power too. */
const SAFE = { durability: "strict" };

/** With the offset of this computer's zone: 2026-03-01T09:30:00.000-06:00. */
export function withOffset(moment) {
  const minutes = -moment.getTimezoneOffset();
  const two = (number) => String(Math.trunc(Math.abs(number))).padStart(2, "0");
  const local = new Date(moment.getTime() + minutes * 60000).toISOString().slice(0, -1);
  return `${local}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** What is kept of a scan: codes and times. `attempted` says that the service may have it already. */
export async function add({ item, action, details, site, person }) {
  const clock = await kept("clock");
  const scan = {
    key: newKey(), item, action, details, site,
    performed_by: person,
    occurred_at: withOffset(new Date()),
    clock_offset_seconds: clock?.offset_seconds ?? null,
    attempted: false,
  };
  const transaction = (await database()).transaction("queue", "readwrite", SAFE);
  const counter = await transaction.store.add(scan);
  await transaction.done;
  tellAll();
  return { ...scan, counter };
}

export async function waiting() {
  return (await database()).getAll("queue");
}

/** Another answer to a scan that no attempt was made yet to send; false when there was one. */
export async function change(counter, answer) {
  const transaction = (await database()).transaction("queue", "readwrite", SAFE);
  const scan = await transaction.store.get(counter);
  const isOurs = scan !== undefined && !scan.attempted;
  if (isOurs) await transaction.store.put({ ...scan, ...answer });
  await transaction.done;
  tellAll();
  return isOurs;
}

/** From now on the service may have them, whatever is heard of it. */
export async function noteAttempt(scans) {
  const transaction = (await database()).transaction("queue", "readwrite", SAFE);
  for (const scan of scans) await transaction.store.put({ ...scan, attempted: true });
  await transaction.done;
}

/** The scan of this key was answered on the page itself. */
export async function answered(key) {
  const transaction = (await database()).transaction("queue", "readwrite", SAFE);
  const counter = await transaction.store.index("key").getKey(key);
  if (counter !== undefined) await transaction.store.delete(counter);
  await transaction.done;
  tellAll();
}

/** What the service acknowledged leaves the queue; what has to be looked at is kept until somebody has seen it. */
export async function acknowledge(answers) {
  const transaction = (await database()).transaction(["queue", "told"], "readwrite", SAFE);
  const queue = transaction.objectStore("queue");
  for (const answer of answers) {
    if (!answer.key) continue;
    const counter = await queue.index("key").getKey(answer.key);
    if (counter === undefined) continue;
    const scan = await queue.get(counter);
    await queue.delete(counter);
    if (answer.outcome === "conflict" || answer.alerts.length > 0) {
      await transaction.objectStore("told").put({ ...answer, scanned: scan.item, action: scan.action });
    }
  }
  await transaction.done;
  tellAll();
}

export async function told() {
  return (await database()).getAll("told");
}

export async function forgetTold() {
  await (await database()).clear("told");
  tellAll();
}
