// On the page that sends a parcel off a scanner's Enter goes to the next field: the form is sent by its button.

const form = document.getElementById("dispatch");
const FIELDS = "input:not([type=hidden], [type=radio]), textarea, select, button";
const isTyped = (field) => field.matches("input:not([type=radio], [type=checkbox], [type=submit])");

/** In the capture phase, before the page's scan box learns of it. */
function goOn(event) {
  if (event.key !== "Enter" || !isTyped(event.target)) return;
  event.preventDefault();
  event.stopPropagation();
  const fields = [...form.querySelectorAll(FIELDS)].filter((field) => field.offsetParent !== null);
  fields[fields.indexOf(event.target) + 1]?.focus();
}

form?.addEventListener("keydown", goOn, { capture: true });
