// Sending: one page at a time, in the order of the queue, each scan until the service has acknowledged it.

import { ask, fetchLists, noteSent } from "./lists.js";
import { acknowledge, noteAttempt, waiting, withOffset } from "./queue.js";

const AT_ONCE = 50;

/** What is sent of a scan. */
function asSent({ key, counter, item, action, details, performed_by, occurred_at, clock_offset_seconds }) {
  return { key, counter, item, action, details, performed_by, occurred_at, clock_offset_seconds };
}

/** The first scans that are of one site. */
function firstOfOneSite(scans) {
  const end = scans.findIndex((scan) => scan.site !== scans[0].site);
  return scans.slice(0, Math.min(AT_ONCE, end < 0 ? scans.length : end));
}

async function sendSome(scans, token) {
  await noteAttempt(scans);
  return ask("/offline/scans", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
    body: JSON.stringify({ site: scans[0].site, sent_at: withOffset(new Date()), scans: scans.map(asSent) }),
  });
}

/** Until the queue is empty, or what came before a counter is sent, or something is in the way: `why` says what. */
export async function sendAll(before = Infinity) {
  const due = async () => (await waiting()).filter(({ counter }) => counter < before);
  const result = { sent: 0, conflicts: 0, why: null };
  const { token, why } = await fetchLists();
  if (why) return { ...result, why };
  for (let scans = await due(); scans.length > 0; scans = await due()) {
    const some = firstOfOneSite(scans);
    const answer = await sendSome(some, token);
    if (answer.why) return { ...result, why: answer.why };
    const { answers } = answer.document;
    const conflicts = answers.filter((each) => each.outcome === "conflict").map(({ key }) => key);
    await noteSent(some.filter(({ key }) => !conflicts.includes(key)));
    await acknowledge(answers);
    result.sent += answers.length;
    result.conflicts += conflicts.length;
    if (answers.length < some.length) return { ...result, why: "later" };
  }
  if (result.sent > 0) await fetchLists();
  return result;
}

/** Two pages of one browser never send at once; where a browser knows no locks the keys keep it to once. */
export function alone(work) {
  return navigator.locks ? navigator.locks.request("biobank-offline-send", work) : work();
}

export const send = () => alone(() => sendAll());
