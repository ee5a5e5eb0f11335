// A form is sent when the service answers: without network nothing leaves the page, and it says so.

import { answered, isAnsweredHere, saidBy } from "./in_place.js";
import { home } from "./scan.js";

const PATIENCE_MS = 4000;
const notice = document.getElementById("no-network");
const waiting = new WeakSet();
const cleared = new WeakSet();
const sendAgain = document.getElementById("send-again");
const unsent = new Map();

/** Forms that are seen to where they stand are none of this. */
const isOurs = (form) => form.method === "post" && !form.matches("[data-here]");

/** What could not be sent waits with the way to send it. */
function tellAway(what, again) {
  unsent.set(what, again);
  notice.hidden = false;
  sendAgain.focus();
}

function tellReached(what) {
  unsent.delete(what);
  notice.hidden = unsent.size === 0;
}

function sendUnsent() {
  const again = [...unsent.values()];
  unsent.clear();
  for (const send of again) send();
}

/** Whether the station's lock took it: then it is sent when somebody went on. */
function isHeldByLock(again) {
  return !document.dispatchEvent(new CustomEvent("biobank:closed", { cancelable: true, detail: { again } }));
}

/** Whether the service can be reached: "open", "closed" for a page whose sign-in is over, or "away". */
export async function serviceNow() {
  const answer = await fetch("/session", {
    cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => null);
  if (answer === null || answer.status >= 502) return "away";
  return answer.type === "opaqueredirect" ? "closed" : "open";
}

/** Asked first, so that what was typed stays on the page; the key in the form makes a second sending harmless. */
async function sendWhenReached(form, submitter) {
  const open = [...form.elements].filter((field) => field.readOnly === false);
  waiting.add(form);
  for (const field of open) field.readOnly = true; // what is scanned meanwhile belongs to no form
  const now = await serviceNow();
  for (const field of open) field.readOnly = false;
  waiting.delete(form);
  const again = () => sendWhenReached(form, submitter);
  if (now === "away") {
    tellAway(form, again);
    return;
  }
  tellReached(form);
  if (now === "closed" && isHeldByLock(again)) return;
  cleared.add(form);
  form.requestSubmit(submitter?.isConnected ? submitter : undefined);
}

/** As a form by itself: whatever comes back is a page. */
function sendWhole({ url, fields }) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: url, hidden: true });
  for (const [name, value] of fields) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  document.body.append(form);
  HTMLFormElement.prototype.submit.call(form);
}

/** What was scanned stands in its field again, marked, so that the next scan takes its place. */
function putBack({ box, text }) {
  if (!box?.isConnected || box.value !== "") return;
  box.value = text;
  box.select();
}

/** Sent again, it must not stand before what is scanned next. */
function takeBack({ box, text }) {
  if (box?.isConnected && box.value === text) box.value = "";
}

async function sendHere(said, scan) {
  const outcome = await answered(said);
  const again = () => {
    takeBack(scan);
    return sendHere(said, scan);
  };
  if (outcome === "away") {
    putBack(scan);
    tellAway(said, again);
    return;
  }
  tellReached(said);
  if (outcome === "closed") unsent.set(said, again);
  if (outcome === "closed" && isHeldByLock(sendUnsent)) {
    putBack(scan);
    return;
  }
  if (outcome === "closed" || outcome === "page") sendWhole(said);
}

/** The field is free for the next scan at once. */
function takeFrom(form, submitter) {
  const said = saidBy(form, submitter);
  const box = [...form.elements].find((field) => field === home());
  const scan = { box, text: box?.value };
  if (box) box.value = "";
  return sendHere(said, scan);
}

function askFirst(event) {
  const form = event.target;
  if (!isOurs(form) || cleared.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (isAnsweredHere(form)) takeFrom(form, event.submitter);
  else if (!waiting.has(form)) sendWhenReached(form, event.submitter);
}

if (notice) {
  document.addEventListener("submit", askFirst, { capture: true });
  sendAgain.addEventListener("click", sendUnsent);
}
