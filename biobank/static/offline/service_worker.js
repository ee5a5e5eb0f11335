// Keeps the offline page and what it needs in the browser. KEPT = {version, page, mark, files} is written above this.

const CACHE = `biobank-offline-${KEPT.version}`;
const PATIENCE_MS = 4000;
const AWAY_MS = 5000;

/** Past the browser's own cache: the files belong together. */
async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll([KEPT.page, ...KEPT.files].map((url) => new Request(url, { cache: "reload" })));
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("biobank-offline-") && name !== CACHE).map((name) => caches.delete(name)));
}

let missed = 0;
const isAway = () => Date.now() - missed < AWAY_MS;
const nothing = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds, null); });

/** The network first; what is kept when there is none, or none that answers soon. A page that had to be taken from
 * here has its files from here. */
async function networkFirst(request, kept) {
  const cache = await caches.open(CACHE);
  const stored = await cache.match(kept, { ignoreSearch: true });
  if (!stored) return fetch(request);
  if (request.mode !== "navigate" && isAway()) return stored;
  const answer = await Promise.race([fetch(request).then(renewed).catch(() => null), nothing(PATIENCE_MS)]);
  if (answer) return answer;
  missed = Date.now();
  return stored;
}

/** The page is kept in the language in which it was read last; one of a newer service needs files that are not here. */
async function renewed(response) {
  if (response.ok && !response.redirected && new URL(response.url).pathname === KEPT.page) {
    const page = await response.clone().text();
    const cache = await caches.open(CACHE);
    if (page.includes(KEPT.mark)) await cache.put(KEPT.page, response.clone());
  }
  return response;
}

/** A page that needs the service, when there is none: the offline page, with the kit that was open. */
async function pageOr(request, kit) {
  try {
    return await fetch(request);
  } catch (problem) {
    const cache = await caches.open(CACHE);
    if (!(await cache.match(KEPT.page))) throw problem;
    missed = Date.now();
    return Response.redirect(kit ? `${KEPT.page}#${kit}` : KEPT.page, 303);
  }
}

self.addEventListener("install", (event) => { event.waitUntil(keep().then(() => self.skipWaiting())); });
self.addEventListener("activate", (event) => { event.waitUntil(forgetOthers().then(() => self.clients.claim())); });
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  const kit = url.pathname.match(/^\/kits\/(\w+)\/collect/)?.[1];
  const isRead = request.method === "GET";
  if (isRead && url.pathname === KEPT.page) event.respondWith(networkFirst(request, KEPT.page));
  else if (request.mode === "navigate" && (isRead || kit)) event.respondWith(pageOr(request, kit));
  else if (isRead && KEPT.files.includes(url.pathname)) event.respondWith(networkFirst(request, url.pathname));
});
