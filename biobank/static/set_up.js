// The code behind the # of a set-up link goes into the form and out of the address; no browser sends it by itself.

const form = document.querySelector("[data-code]");
const code = location.hash.slice(1);

if (form && code) {
  history.replaceState(null, "", location.pathname);
  form.elements.namedItem("token").value = code;
  form.requestSubmit();
}
