// Passkeys: made under Your account, asked at sign-in and at signatures. The service judges every answer.

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const ways = {
  make: async (options) => navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: options.excludeCredentials.map((each) => ({ ...each, id: toBytes(each.id) })),
    },
  }),
  use: async (options) => navigator.credentials.get({
    publicKey: { ...options, challenge: toBytes(options.challenge) },
  }),
};

/** A passkey is bound to the address in the settings; at any other none would answer. */
const isUsable = (button) => window.PublicKeyCredential !== undefined && location.origin === button.dataset.origin;

/** The SHA-256 of each record as this form shows it: of all, or of those that are ticked. */
function shownBy(form) {
  const all = [...form.querySelectorAll("input[name=sha256]")].map((field) => field.value);
  const ticked = [...form.querySelectorAll("input[name=record]:checked")].map((field) => field.value.split(" ").at(-1));
  return [...all, ...ticked];
}

/** As JSON; what the authenticator told in bytes becomes base64url. */
function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response };
}

async function asked(button, form, shown) {
  const told = [["csrf_token", form.elements.namedItem("csrf_token")?.value ?? ""], ["meaning", button.dataset.meaning ?? ""]];
  const content = new URLSearchParams([...told, ...shown.map((each) => ["sha256", each])]);
  const answer = await fetch(button.dataset.question, { method: "POST", body: content, redirect: "manual" });
  if (!answer.ok) throw new Error("no question");
  return answer.json();
}

async function answered(button, form) {
  const shown = shownBy(form);
  const { nonce, options } = await asked(button, form, shown);
  const credential = await ways[button.dataset.passkey](options);
  return JSON.stringify({ nonce, shown, credential: written(credential) });
}

/** What else the form asks for is typed first; where two sign, the other's password may come after. */
function typedBefore(form, field) {
  const isLater = (each) => each === field || (field.type === "password" && each.type === "password");
  const lacking = [...form.elements].find((each) => !isLater(each) && each.willValidate && !each.checkValidity());
  lacking?.reportValidity();
  return lacking === undefined;
}

async function use(button) {
  const form = button.closest("form");
  const field = form.elements.namedItem(button.dataset.field);
  const said = document.getElementById(button.getAttribute("aria-describedby"));
  said.hidden = true;
  if (!typedBefore(form, field)) return;
  button.disabled = true;
  try {
    field.value = (button.dataset.prefix ?? "") + await answered(button, form);
    if (form.reportValidity()) form.requestSubmit();
  } catch {
    said.hidden = false;
  } finally {
    button.disabled = false;
  }
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  button.hidden = !isUsable(button);
  button.closest("[data-with-passkey]")?.toggleAttribute("hidden", button.hidden);
  button.addEventListener("click", () => use(button));
}
