// The offline page: takes scans and answers into the queue, shows the kit, and sends when there is a network.

import { announce } from "../scan.js";
import { answerTold } from "./answers.js";
import { kindOfCode, plainCode } from "./codes.js";
import { fetchLists, kitNamed, tubeNamed } from "./lists.js";
import { showFacts, showKits, showPeople, showQueue, showState, showTold } from "./panel.js";
import { drawKit, withQueue } from "./picture.js";
import { add, change, forgetTold, told, waiting } from "./queue.js";
import { send } from "./send.js";
import { keep, kept, keepPage, whenChanged } from "./store.js";

const AGAIN_MS = 5000;
const element = (id) => document.getElementById(id);
const view = { ...named(), why: null };

/** The kit, and the tube that was scanned into it, that the address names. */
function named() {
  const [kit, tube] = location.hash.slice(1).split("/");
  return { kit: kit || null, tube: tube || null };
}

/** The one big answer, in the words of the page. */
function answer(code, item = "") {
  const shown = document.querySelector(`template[data-answer="${code}"]`).content.cloneNode(true);
  shown.querySelector("[data-item]").textContent = item;
  shown.querySelector(".answer").id = "answer";
  element("offline-answer").replaceChildren(shown);
  announce();
}

function showTube(kit, scans) {
  const tube = kit && withQueue(kit, scans).find((each) => each.identifier === view.tube);
  const section = element("offline-tube-answers");
  section.hidden = !tube;
  if (!tube) return;
  section.querySelector("[data-number]").textContent = tube.number;
  section.querySelector("[data-name]").textContent = tube.label;
  section.querySelector("[data-printed]").textContent = tube.printed;
}

/** A kit leaves the lists with its last tube; who scanned that tube still sees it. */
function withSeen(lists) {
  const isGone = lists && view.seen && !kitNamed(lists, view.seen.identifier);
  return isGone ? { ...lists, kits: [...lists.kits, view.seen] } : lists;
}

const listsHere = async () => withSeen(await kept("lists"));

async function show() {
  const [lists, clock, person, scans] = await Promise.all([kept("lists"), kept("clock"), kept("person"), waiting()]);
  const kit = kitNamed(withSeen(lists), view.kit);
  if (kit) view.seen = { ...kit, tubes: withQueue(kit, scans) };
  showState(view.why, scans, view.kit);
  showFacts(lists, clock, scans);
  showPeople(lists?.people ?? [], person);
  showKits(lists?.kits ?? [], view.kit);
  showQueue(scans, lists?.zone);
  showTold(await told());
  element("collect").hidden = !kit;
  element("offline-rest").hidden = !kit || withQueue(kit, scans).every((tube) => tube.state !== "expected");
  if (kit) drawKit(element("collect"), kit, scans, view.tube);
  showTube(kit, scans);
}

/** What nobody can answer for is not kept: who scans, and where. */
async function notReady() {
  const lists = await kept("lists");
  if (!lists) return "no_site";
  return (await kept("person")) ? null : "no_person";
}

/** The newest answer counts: it takes the place of one that was not sent yet, else it follows it. */
async function keepAnswer(item, told) {
  const lists = await kept("lists");
  const own = (await waiting()).filter((scan) => scan.item === item).at(-1);
  if (own && (await change(own.counter, told))) return;
  await add({ item, ...told, site: lists.site, person: await kept("person") });
}

async function tubeScanned(code) {
  const found = tubeNamed(await listsHere(), code);
  const item = found?.tube.identifier ?? code;
  if (found) Object.assign(view, { kit: found.kit.identifier, tube: item });
  const own = (await waiting()).filter((scan) => scan.item === item).at(-1);
  if (own?.action === "collect") return answer("twice", item);
  await keepAnswer(item, answerTold("full"));
  return answer(found ? "kept" : "kept_unknown", item);
}

async function kitScanned(code) {
  const kit = kitNamed(await listsHere(), code);
  if (kit) Object.assign(view, { kit: code, tube: null });
  return answer(kit ? "kit" : "kit_unknown", code);
}

/** Hands may ask for a tube by its number in draw order. */
async function numberTyped(number) {
  const kit = kitNamed(await listsHere(), view.kit);
  view.tube = kit?.tubes.find((tube) => tube.number === number)?.identifier ?? view.tube;
  element("offline-answer").replaceChildren();
}

async function scanned(text) {
  const code = plainCode(text);
  if (/^\d{1,2}$/.test(code)) return numberTyped(Number(code));
  const kind = kindOfCode(code);
  if (kind === null || kind === "other") return answer("no_code");
  if (kind === "kit") return kitScanned(code);
  const missing = await notReady();
  return missing ? answer(missing) : tubeScanned(code);
}

async function answeredByHand(form, submitter) {
  const said = answerTold(submitter.value || form.elements.answer.value, form.elements.volume?.value);
  const kit = kitNamed(await listsHere(), view.kit);
  const missing = await notReady();
  if (!said || !kit) return;
  if (missing) { answer(missing); return; }
  const open = withQueue(kit, await waiting()).filter((tube) => tube.state === "expected");
  const tubes = form.dataset.answers === "rest" ? open.map((tube) => tube.identifier) : [view.tube];
  for (const tube of tubes.filter(Boolean)) await keepAnswer(tube, said);
  form.reset();
  answer("kept", tubes.length === 1 ? tubes[0] : kit.identifier);
}

/** Nothing is told as kept before it is. */
async function keepAndTell(work) {
  try {
    await work();
  } catch (problem) {
    answer("not_kept");
    throw problem;
  } finally {
    await show();
    element("offline-text").focus();
  }
}

/** One scan after the other, however fast they come. */
let turn = Promise.resolve();
function act(work) {
  turn = turn.then(() => keepAndTell(work)).catch(() => {});
  turn.then(sendWhatWaits);
}

let later = null;
let isSending = false;
async function sendWhatWaits() {
  if (isSending) return;
  isSending = true;
  clearTimeout(later);
  try {
    await sendAndTell();
  } finally {
    isSending = false;
  }
}

async function sendAndTell() {
  const scans = await waiting();
  const result = scans.length > 0 ? await send() : await fetchLists();
  view.why = result.why ?? null;
  await show();
  const left = (await waiting()).length;
  const isDone = left === 0 && view.why !== "network" && view.why !== "later";
  if (!isDone) later = setTimeout(sendWhatWaits, AGAIN_MS);
}

element("offline-scan").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = element("offline-text");
  const text = field.value;
  field.value = "";
  act(() => scanned(text));
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-answers]")) return;
  event.preventDefault();
  const { target, submitter } = event;
  act(() => answeredByHand(target, submitter));
});
element("collect").addEventListener("click", (event) => {
  view.tube = event.target.closest("[data-tube]")?.dataset.tube ?? view.tube;
  show();
});
element("offline-person").addEventListener("change", async (event) => { await keep("person", event.target.value); await show(); });
element("offline-told-seen").addEventListener("click", forgetTold);
window.addEventListener("hashchange", () => { Object.assign(view, named()); show(); });
window.addEventListener("online", sendWhatWaits);
document.addEventListener("visibilitychange", () => { if (!document.hidden) sendWhatWaits(); });
whenChanged(show);
keepPage();
show().then(sendWhatWaits);
if (view.tube) {
  answer("kept", view.tube);
  history.replaceState(null, "", `#${view.kit}`);
}
