// What the offline page says beside the kit: whether there is a network, what waits, how old the lists are.

import { stateTold } from "./answers.js";
import { ageOf } from "./lists.js";
import { redraw } from "./redraw.js";

const HOUR_MS = 3600 * 1000;
const element = (id) => document.getElementById(id);

const MINUTE = {
  year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
};

/** In the reader's language and the site's zone, with its offset. */
function time(moment, zone) {
  const told = (locale, options) => new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }).formatToParts(new Date(moment));
  const offset = told("en", { timeZoneName: "longOffset" }).find(({ type }) => type === "timeZoneName").value;
  const local = Object.fromEntries(told(document.documentElement.lang, MINUTE).map(({ type, value }) => [type, value]));
  const sign = offset.replace("GMT", "UTC").replace("-", "−");
  return `${local.day} ${local.month} ${local.year}, ${local.hour}:${local.minute} ${sign === "UTC" ? "UTC+00:00" : sign}`;
}

function fillRow(row, texts) {
  for (const text of texts) row.insertCell().textContent = text;
}

/** `why` is what stands between the queue and the service; with nothing in the way, what is to be done now. */
export function showState(why, scans, kit) {
  const isNeeded = why !== "signed_out" || scans.length > 0;
  const state = isNeeded ? why ?? "back" : "back";
  for (const notice of document.querySelectorAll("[data-state-told]")) notice.hidden = notice.dataset.stateTold !== state;
  element("offline").dataset.state = state;
  element("offline-sign-in").hidden = state !== "signed_out" && state !== "refused";
  const goOn = element("offline-go-on");
  goOn.hidden = state !== "back";
  goOn.href = kit ? `/kits/${kit}/collect` : "/";
}

export function showFacts(lists, clock, scans) {
  const { listsHours, clockMinutes } = element("offline").dataset;
  const minutes = Math.round((clock?.offset_seconds ?? 0) / 60);
  element("offline-count").textContent = scans.length;
  element("offline-oldest").textContent = scans.length > 0 ? time(scans[0].occurred_at, lists?.zone) : "–";
  element("offline-lists").textContent = lists ? time(lists.made_at, lists.zone) : "–";
  element("offline-site").textContent = lists?.site ?? "–";
  element("offline-old").hidden = !lists || ageOf(lists, clock) < Number(listsHours) * HOUR_MS;
  element("offline-clock").hidden = Math.abs(minutes) <= Number(clockMinutes);
  element("offline-clock-minutes").textContent = minutes;
}

export function showPeople(people, person) {
  const select = element("offline-person");
  const [choose] = select.options;
  const named = person && !people.includes(person) ? [...people, person] : people;
  redraw(select, [choose, ...named.map((name) => new Option(name, name))]);
  select.value = person ?? "";
}

export function showKits(kits, opened) {
  const section = element("offline-kits");
  section.hidden = kits.length === 0;
  redraw(section.querySelector("ul"), kits.map((kit) => {
    const entry = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: `#${kit.identifier}`, textContent: kit.printed });
    if (kit.identifier === opened) link.setAttribute("aria-current", "true");
    entry.append(link);
    return entry;
  }));
}

const wordOf = (state) => document.querySelector(`template[data-sign="${state}"]`)?.content.textContent.trim() ?? state;

export function showQueue(scans, zone) {
  const section = element("offline-queue");
  section.hidden = scans.length === 0;
  const body = section.querySelector("tbody");
  body.replaceChildren();
  for (const [at, scan] of scans.entries()) {
    const row = body.insertRow();
    row.dataset.item = scan.item;
    fillRow(row, [at + 1, scan.item, wordOf(stateTold(scan).state), time(scan.occurred_at, zone), scan.performed_by]);
  }
}

/** Answers that the service gave when the queue was sent, until somebody has seen them. */
export function showTold(answers) {
  const section = element("offline-told");
  section.hidden = answers.length === 0;
  section.querySelector("ul").replaceChildren(...answers.map((answer) => {
    const entry = document.createElement("li");
    const code = Object.assign(document.createElement("strong"), { className: "code", textContent: answer.item ?? answer.scanned });
    entry.dataset.outcome = answer.outcome;
    entry.append(code, " ", [answer.sentence, ...answer.alerts].filter(Boolean).join(" "));
    return entry;
  }));
}
