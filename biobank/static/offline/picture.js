// The kit as the collect page draws it, from the lists and from what waits in the queue.

import { stateTold } from "./answers.js";
import { redraw } from "./redraw.js";

const sign = (name) => document.querySelector(`template[data-sign="${name}"]`).content.cloneNode(true);

/** The tubes with what the queue says of them: the newest scan of a tube counts. */
export function withQueue(kit, scans) {
  return kit.tubes.map((tube) => {
    const own = scans.filter((scan) => scan.item === tube.identifier || tube.codes.includes(scan.item)).at(-1);
    if (!own) return { ...tube, waits: false };
    return { ...tube, ...stateTold(own), waits: true };
  });
}

function caps(colour) {
  const names = (colour ?? "").toLowerCase().replace(" and ", "/").replace("-", "/").replace("light green", "light").split("/");
  return names.map((name) => `cap-${name.trim()}`);
}

function paintShape(shape, tube) {
  for (const fill of shape.querySelectorAll("[data-level]")) {
    if (fill.dataset.level === tube.level) fill.classList.add(`draw__fill-${tube.specimen}`);
    else fill.remove();
  }
  const [first, second] = caps(tube.colour);
  shape.querySelector("rect").classList.add(first);
  if (second) shape.querySelector("[data-second]").classList.add(second);
  else shape.querySelector("[data-second]").remove();
}

function signOf(tube, isNext) {
  if (isNext) return "next";
  if (tube.is_replaced) return "replaced";
  if (tube.state === "expected" && !tube.is_drawn) return "not_to_draw";
  if (tube.state === "collected" && ["short", "unknown"].includes(tube.level)) return tube.level;
  return document.querySelector(`template[data-sign="${tube.state}"]`) ? tube.state : "collected";
}

function drawTube(tube, { isNext, isSelected }) {
  const item = document.getElementById("offline-tube").content.cloneNode(true).querySelector("li");
  item.classList.add(`draw--${tube.state}`);
  item.classList.toggle("draw--next", isNext);
  item.classList.toggle("draw--selected", isSelected);
  item.classList.toggle("draw--replaced", tube.is_replaced);
  Object.assign(item.dataset, { tube: tube.identifier, state: tube.state, waits: tube.waits });
  item.querySelector("button").setAttribute("aria-pressed", isSelected);
  item.querySelector(".draw__number").textContent = tube.number;
  item.querySelector(".draw__name").textContent = tube.label;
  item.querySelector(".draw__colour").textContent = tube.colour_said;
  item.querySelector(".draw__code").textContent = tube.code;
  paintShape(item.querySelector("svg"), tube);
  item.querySelector(".draw__sign").append(sign(signOf(tube, isNext)), ...(tube.waits ? [sign("waits")] : []));
  return item;
}

/** Fill `section` with the kit; `selected` is the identifier of the tube that the buttons speak of. */
export function drawKit(section, kit, scans, selected) {
  const tubes = withQueue(kit, scans);
  const counted = tubes.filter((tube) => !tube.is_replaced);
  const following = tubes.find((tube) => tube.state === "expected" && tube.is_drawn);
  section.dataset.kit = kit.identifier;
  section.querySelector("[data-printed]").textContent = kit.printed;
  section.querySelector("[data-definition]").textContent = kit.definition;
  section.querySelector("[data-total]").textContent = counted.length;
  section.querySelector("[data-answered]").textContent = counted.filter((tube) => tube.state !== "expected").length;
  redraw(section.querySelector("ol"), tubes.map(
    (tube) => drawTube(tube, { isNext: tube === following, isSelected: tube.identifier === selected }),
  ));
  section.hidden = false;
}
