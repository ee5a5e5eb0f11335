// Draws labels: a JSON list of { zpl, width, height, dpmm } (millimetres) on stdin, base64 PNGs on stdout, one a line.
import { readFileSync } from "node:fs";
import { ready } from "zpl-renderer-js";

const { api } = await ready;
for (const { zpl, width, height, dpmm } of JSON.parse(readFileSync(0, "utf8"))) {
  process.stdout.write((await api.zplToBase64Async(zpl, width, height, dpmm)) + "\n");
}
