// On each page of somebody who collects: makes this computer ready for work without network, and sends what waits.

import { refreshIfOld } from "./lists.js";
import { forgetTold, told, waiting } from "./queue.js";
import { send } from "./send.js";
import { keep, keepPage, whenChanged } from "./store.js";

const AGAIN_MS = 15000;
const ON_ITS_WAY_MS = 3000;
const banner = document.getElementById("offline-banner");
let result = { sent: 0, conflicts: 0, why: null };
let later = null;
let shownLater = null;

/** A scan of this moment is on its way, and no notice moves the page under it. */
async function leftBehind() {
  const scans = await waiting();
  const left = scans.filter((scan) => Date.now() - Date.parse(scan.occurred_at) >= ON_ITS_WAY_MS);
  clearTimeout(shownLater);
  if (left.length < scans.length) shownLater = setTimeout(show, ON_ITS_WAY_MS);
  return left;
}

async function show() {
  const scans = await leftBehind();
  const isRefused = result.why === "refused";
  const counts = {
    waiting: isRefused ? 0 : scans.length,
    refused: isRefused ? scans.length : 0,
    sent: scans.length === 0 ? result.sent : 0,
    conflicts: (await told()).length,
  };
  for (const notice of banner.querySelectorAll("[data-told]")) {
    const count = counts[notice.dataset.told];
    notice.hidden = count === 0;
    notice.querySelector("[data-count]").textContent = count;
  }
  banner.hidden = Object.values(counts).every((count) => count === 0);
}

/** Only while something waits: a page that nobody looks at must not keep a sign-in alive. */
export async function sendWhatWaits() {
  clearTimeout(later);
  if ((await waiting()).length > 0) {
    const done = await send();
    result = { ...done, sent: result.sent + done.sent };
    if (done.why && done.why !== "refused") later = setTimeout(sendWhatWaits, AGAIN_MS);
  }
  await show();
}

async function begin() {
  const { person, site } = banner.dataset;
  await keep("person", person);
  keepPage();
  if (location.pathname === "/offline/conflicts") await forgetTold();
  await sendWhatWaits();
  await refreshIfOld(site);
}

whenChanged(show);
window.addEventListener("online", sendWhatWaits);
begin();
