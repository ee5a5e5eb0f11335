// The page at the chair over a network that may go at any moment: what is scanned is kept here before it is sent.

import { inTurn, post, show } from "../in_place.js";
import { question } from "../scan.js";
import { answerTold } from "./answers.js";
import { kindOfCode, plainCode } from "./codes.js";
import { noteStates, refreshIfOld } from "./lists.js";
import { add, answered, noteAttempt, waiting } from "./queue.js";
import { alone, send, sendAll } from "./send.js";

const FIRST_FAILURE = 500;
const ELSEWHERE = 204;
const chair = () => document.getElementById("collect");

/** The fact that a form tells, or null: then it goes its usual way and is not kept here. */
function factIn(form, submitted) {
  const end = new URL(form.action).pathname.split("/").at(-1);
  if (submitted.has("confirmation")) return null;
  if (end === "answer") {
    const told = answerTold(submitted.get("answer") ?? "", submitted.get("volume") ?? "");
    return told && { item: submitted.get("tube"), ...told };
  }
  const code = plainCode(submitted.get("text") ?? "");
  const isTube = end === "scan" && ["tube", "maker"].includes(kindOfCode(code));
  return isTube ? { item: code, ...answerTold("full") } : null;
}

/** The picture goes on where the page would: only that the offline page needs no network. It is there as soon as its
 * program is, also for a page that came before that program or past it, by a forced reload. */
async function goWithoutNetwork(item) {
  const program = await navigator.serviceWorker?.getRegistration();
  if (program?.active) location.assign(`/offline#${chair().dataset.kit}/${item}`);
}

function statesShown() {
  return new Map([...chair().querySelectorAll("[data-tube]")].map((tube) => [tube.dataset.tube, tube.dataset.state]));
}

/** The key goes in the header alone: what is kept here is not kept a second time by the service. */
function sendFact(url, fields, key) {
  fields.delete("idempotency_key");
  return post({ url, fields, key });
}

let keeping = Promise.resolve();
let isHeld = false;

/** What was scanned before a question came waits until it is answered. */
function sendHeld() {
  if (!isHeld || question()) return;
  isHeld = false;
  inTurn(send).then(({ sent }) => { if (sent > 0) location.reload(); });
}

/** Written down at once, in the order of the scans: a page that goes away loses none of those that wait their turn. */
function keepAtOnce(fact) {
  const kept = keeping.then(() => add(fact));
  keeping = kept.catch(() => {});
  return kept;
}

/** Earlier scans go first. What gets no answer stays in the queue; what another page sent meanwhile is only looked at. */
async function sendInTurn(url, submitted, scan) {
  if (question()) {
    isHeld = true;
    return;
  }
  if ((await waiting())[0]?.counter < scan.counter) await sendAll(scan.counter);
  const first = (await waiting())[0];
  if (first?.counter < scan.counter) {
    await goWithoutNetwork(scan.item);
    return;
  }
  if (first?.counter !== scan.counter) {
    location.reload();
    return;
  }
  await noteAttempt([first]);
  try {
    const response = await sendFact(url, submitted, scan.key);
    if (response.status >= FIRST_FAILURE) throw new Error(response.statusText);
    if (response.status === ELSEWHERE) await answered(scan.key);
    const outcome = await show(response);
    if (outcome === "here") await answered(scan.key);
    if (outcome === "page") location.reload(); // of another sign-in: the queue sends what it keeps
  } catch {
    await goWithoutNetwork(scan.item);
  }
}

let inHand = "";
function takeOver(event) {
  const form = event.target;
  const banner = document.getElementById("offline-banner");  // nobody else than who collects keeps scans
  const isHere = banner && chair() && form.method === "post" && new URL(form.action).pathname.includes("/collect/");
  const submitted = new FormData(form, event.submitter);
  const fact = isHere ? factIn(form, submitted) : null;
  if (!fact) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (submitted.has("text")) form.elements.text.value = "";  // free for the next scan, also after the same one twice
  const same = JSON.stringify(fact);
  if (same === inHand) return;  // the same press twice
  inHand = same;
  const { person, site } = banner.dataset;
  const kept = keepAtOnce({ ...fact, person, site: site || chair().dataset.site });
  inTurn(async () => {
    const scan = await kept;
    await alone(() => sendInTurn(form.action, submitted, scan));
  }).finally(() => { if (inHand === same) inHand = ""; });
}

if (chair()) {
  window.addEventListener("submit", takeOver, { capture: true });
  document.addEventListener("biobank:answered", () => {
    inHand = "";  // what is scanned once its answer is there is another scan, however long the disk takes
    noteStates(chair().dataset.kit, statesShown());
    sendHeld();
  });
  const { kit, site } = chair().dataset;
  refreshIfOld(site, kit).then(() => noteStates(kit, statesShown()));
}
