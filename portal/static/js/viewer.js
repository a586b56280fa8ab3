// The page viewer: zoom, turn, pages in view, the text layer over the image, hits marked by their boxes.
import { onKey, say } from "./keys.js";

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];
const SVG = "http://www.w3.org/2000/svg";
const rule = document.createElement("canvas").getContext("2d");

class Viewer {
  constructor(root) {
    this.root = root;
    this.sheets = [...root.querySelectorAll(".sheet")];
    this.zoom = 1;
    this.turn = 0;
    this.at = 1;
    this.hit = -1;
    this.words = new Map();
    this.hits = this.sheets.flatMap((sheet) => Array.from({ length: Number(sheet.dataset.hits) || 0 }, (_, index) => ({ page: Number(sheet.dataset.page), index })));
    this.watch();
    root.querySelectorAll("[data-do]").forEach((button) => button.addEventListener("click", () => this[button.dataset.do]()));
    root.querySelectorAll("[data-thumb]").forEach((link) => link.addEventListener("click", (event) => { event.preventDefault(); this.show(Number(link.dataset.thumb)); }));
    const wanted = /^#p(\d+)$/.exec(location.hash);
    const first = wanted ? Number(wanted[1]) : Number(root.querySelector('[data-thumb][aria-current="true"]')?.dataset.thumb || this.hits[0]?.page || 1);
    if (first > 1) this.show(first, "auto");
    if (this.hits.length) this.hit = Math.max(this.hits.findIndex((hit) => hit.page === first), 0) - 1;
  }

  watch() {
    const near = new IntersectionObserver((entries) => entries.forEach((entry) => { if (entry.isIntersecting) { this.load(entry.target); near.unobserve(entry.target); } }), { rootMargin: "300px" });
    const seen = new IntersectionObserver((entries) => { entries.forEach((entry) => { entry.target.share = entry.intersectionRect.height; }); this.mark(); }, { threshold: [0, 0.1, 0.25, 0.5, 0.75, 1] });
    this.sheets.forEach((sheet) => {
      near.observe(sheet);
      seen.observe(sheet);
      const image = sheet.querySelector("img");
      const fit = () => this.shape(sheet, image);
      if (image.complete && image.naturalWidth) fit();
      image.addEventListener("load", fit);
      image.addEventListener("error", () => this.broken(sheet, image));
    });
  }

  shape(sheet, image) {
    sheet.ratio = image.naturalWidth / image.naturalHeight;
    this.proportion(sheet);
    if (sheet.waiting) { this.lay(sheet, sheet.waiting); sheet.waiting = null; }
  }

  proportion(sheet) {
    const ratio = sheet.ratio || 210 / 297;
    sheet.style.setProperty("--ratio", String(this.turn % 180 ? 1 / ratio : ratio));
  }

  broken(sheet, image) {
    if (sheet.querySelector(".broken")) return;
    const box = Object.assign(document.createElement("div"), { className: "broken" });
    const again = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent: this.root.dataset.again });
    again.addEventListener("click", () => { box.remove(); image.removeAttribute("srcset"); image.src = image.src.replace(/([?&])again=\d+/, "") + (image.src.includes("?") ? "&" : "?") + "again=" + Date.now(); });
    box.append(Object.assign(document.createElement("p"), { textContent: this.root.dataset.broken }), again);
    sheet.append(box);
  }

  async load(sheet) {
    const page = Number(sheet.dataset.page);
    if (!this.root.dataset.wordsUrl || this.words.has(page)) return;
    this.words.set(page, null);
    const answer = await fetch(this.root.dataset.wordsUrl.replace("/0/", `/${page}/`), { headers: { Accept: "application/json" } });
    if (!answer.ok) { this.words.delete(page); return; }
    const found = await answer.json();
    this.words.set(page, found);
    const pane = this.root.querySelector(`[data-text="${page}"]`);
    if (pane) pane.textContent = found.text;
    this.box(sheet, found.hits);
    if (sheet.ratio) this.lay(sheet, found); else sheet.waiting = found;
    this.pointAt();
  }

  box(sheet, hits) {
    if (!hits.length) return;
    const layer = document.createElementNS(SVG, "svg");
    layer.setAttribute("class", "boxes");
    layer.setAttribute("viewBox", "0 0 1 1");
    layer.setAttribute("preserveAspectRatio", "none");
    hits.forEach((boxes, index) => boxes.forEach(([x0, y0, x1, y1]) => {
      const mark = document.createElementNS(SVG, "rect");
      mark.setAttribute("class", "hit");
      mark.dataset.hit = String(index);
      Object.entries({ x: x0 - 0.002, y: y0 - 0.002, width: x1 - x0 + 0.004, height: y1 - y0 + 0.004 }).forEach(([name, value]) => mark.setAttribute(name, value.toFixed(4)));
      layer.append(mark);
    }));
    sheet.querySelector(".turn").append(layer);
  }

  // Each word is set transparent over its place, as wide as its box, so that a selection follows the print.
  lay(sheet, found) {
    if (!found.words.length || sheet.querySelector(".words")) return;
    const layer = Object.assign(document.createElement("div"), { className: "words" });
    const family = getComputedStyle(document.body).fontFamily;
    rule.font = `100px ${family}`;
    found.words.forEach(([before, text, x0, y0, x1, y1]) => {
      if (before) layer.append(before);
      const span = Object.assign(document.createElement("span"), { textContent: text });
      const height = (y1 - y0) * 0.9;
      const natural = rule.measureText(text).width / 100;
      span.style.left = `${x0 * 100}%`;
      span.style.top = `${(y0 + (y1 - y0) * 0.05) * 100}%`;
      span.style.fontSize = `${height * 100}cqh`;
      if (natural > 0) span.style.transform = `scaleX(${((x1 - x0) * sheet.ratio / (height * natural)).toFixed(4)})`;
      layer.append(span);
    });
    sheet.querySelector(".turn").append(layer);
  }

  mark() {
    const top = this.sheets.reduce((best, sheet) => ((sheet.share || 0) > (best.share || 0) + 1 ? sheet : best), this.sheets[0]);
    const page = Number(top.dataset.page);
    if (page === this.at && this.marked) return;
    this.marked = true;
    this.at = page;
    const line = this.root.querySelector("[data-at]");
    if (line) line.textContent = `${page} / ${this.sheets.length}`;
    this.root.querySelectorAll("[data-thumb]").forEach((link) => {
      const here = Number(link.dataset.thumb) === page;
      link.toggleAttribute("aria-current", here);
      if (here) { link.setAttribute("aria-current", "true"); const rail = link.parentElement; rail.scrollTo({ top: link.offsetTop - rail.clientHeight / 2, left: link.offsetLeft - rail.clientWidth / 2 }); }
    });
  }

  show(page, behavior = "smooth") {
    const sheet = this.sheets.find((candidate) => Number(candidate.dataset.page) === page);
    if (!sheet) return;
    this.load(sheet);
    sheet.scrollIntoView({ behavior, block: "start" });
    history.replaceState(null, "", `#p${page}`);
  }

  step(by) { this.show(Math.min(Math.max(this.at + by, 1), this.sheets.length)); }

  next() { this.goto(this.hit + 1); }
  previous() { this.goto(this.hit - 1); }
  goto(index) {
    if (!this.hits.length) return;
    this.hit = (index + this.hits.length) % this.hits.length;
    const { page } = this.hits[this.hit];
    const sheet = this.sheets.find((candidate) => Number(candidate.dataset.page) === page);
    this.load(sheet);
    this.pointAt(true);
    const line = this.root.dataset.hitLine.replace("%1", this.hit + 1).replace("%2", this.hits.length).replace("%3", page);
    this.root.querySelector("[data-hit-at]").textContent = `${this.hit + 1} / ${this.hits.length}`;
    say(line);
  }

  pointAt(scroll = false) {
    const wanted = this.hits[this.hit];
    this.root.querySelectorAll("rect.now").forEach((mark) => mark.classList.remove("now"));
    if (!wanted) return;
    const sheet = this.sheets.find((candidate) => Number(candidate.dataset.page) === wanted.page);
    const marks = sheet.querySelectorAll(`rect[data-hit="${wanted.index}"]`);
    marks.forEach((mark) => mark.classList.add("now"));
    if (marks.length && (scroll || this.pending)) { marks[0].scrollIntoView({ behavior: "smooth", block: "center" }); this.pending = false; } else if (scroll) { this.pending = true; sheet.scrollIntoView({ behavior: "smooth", block: "start" }); }
  }

  set(zoom) {
    this.zoom = zoom;
    this.root.style.setProperty("--zoom", String(zoom));
    this.root.querySelector("[data-zoom]").textContent = `${Math.round(zoom * 100)} %`;
    this.sheets.forEach((sheet) => { sheet.querySelector("img").sizes = `${Math.round(sheet.clientWidth)}px`; });
  }
  in() { this.set(ZOOMS.find((zoom) => zoom > this.zoom) || this.zoom); }
  out() { this.set([...ZOOMS].reverse().find((zoom) => zoom < this.zoom) || this.zoom); }
  fit() { this.set(1); }
  turnBy(by) {
    this.turn = (this.turn + by + 360) % 360;
    this.sheets.forEach((sheet) => { sheet.dataset.turn = String(this.turn); this.proportion(sheet); });
  }
  text() {
    const button = this.root.querySelector('[data-do="text"]');
    if (button) button.setAttribute("aria-pressed", String(this.root.classList.toggle("with-text")));
  }
}
Viewer.prototype["turn-right"] = function turnRight() { this.turnBy(90); };

document.querySelectorAll("[data-viewer]").forEach((root) => {
  const viewer = new Viewer(root);
  onKey("n", () => viewer.next());
  onKey("p", () => viewer.previous());
  onKey("j", () => viewer.step(1));
  onKey("k", () => viewer.step(-1));
  onKey("+", () => viewer.in());
  onKey("=", () => viewer.in());
  onKey("-", () => viewer.out());
  onKey("0", () => viewer.fit());
  onKey("r", () => viewer.turnBy(90));
  onKey("t", () => viewer.text());
});
