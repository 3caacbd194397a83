"use strict";
// The page's behaviour: theme, filter, sorting, charts that are drawn once they are open, downloads.
(() => {
  const root = document.documentElement;
  const kept = { get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
                 set: (value) => { try { localStorage.setItem("theme", value); } catch { /* a page from disk may keep nothing */ } } };
  const dark = () => root.dataset.theme === "dark";
  root.dataset.theme = kept.get() || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

  // ---- what goes on beyond its right edge fades there
  const fade = (frame) =>
    frame.classList.toggle("goes-on", frame.scrollLeft + frame.clientWidth < frame.scrollWidth - 1);
  const resized = new ResizeObserver((frames) => frames.forEach(({ target }) => fade(target)));
  function fading(frame) {
    resized.observe(frame);
    frame.addEventListener("scroll", () => fade(frame), { passive: true });
  }
  document.querySelectorAll(".scroll").forEach(fading);

  // ---- charts
  const drawn = new Map();
  const tip = document.createElement("div");
  tip.id = "tip";
  tip.hidden = true;
  const spoken = document.createElement("p");
  spoken.id = "spoken";
  spoken.className = "hidden";
  spoken.setAttribute("aria-live", "polite");
  document.querySelector("main").append(tip, spoken);

  const known = (value) => Object.entries(typeof value === "object" ? value : { "": value })
    .filter(([, text]) => !["null", "NaN", "undefined"].includes(String(text)));

  function showTip(handler, event, item, value) {
    tip.hidden = value == null || value === "";
    if (tip.hidden) return;
    const table = document.createElement("table");
    for (const [key, text] of known(value)) {
      const row = table.insertRow();
      const head = document.createElement("th");
      head.textContent = key;
      row.append(head);
      row.insertCell().textContent = String(text);
    }
    tip.replaceChildren(table);
    tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)) + "px";
    tip.style.top = Math.max(4, Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8)) + "px";
  }

  // What a word means: told to a pointer over it and to the keyboard's focus, until it leaves or Escape is pressed.
  function explain(event) {
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    tip.hidden = false;
    tip.textContent = event.currentTarget.dataset.means;
    tip.style.left = Math.max(4, Math.min(left, innerWidth - tip.offsetWidth - 8)) + "px";
    tip.style.top = Math.max(4, Math.min(bottom + 6, innerHeight - tip.offsetHeight - 8)) + "px";
    if (event.type === "focus") spoken.textContent = tip.textContent;
  }
  const unexplain = () => { tip.hidden = true; };
  for (const word of document.querySelectorAll("[data-means]")) {
    for (const type of ["pointerenter", "focus"]) word.addEventListener(type, explain);
    for (const type of ["pointerleave", "blur"]) word.addEventListener(type, unexplain);
    word.addEventListener("keydown", ({ key }) => { if (key === "Escape") unexplain(); });
  }

  // Arrow keys go from mark to mark of a chart that has the focus; what the pointer would be told is shown and spoken.
  function leave(place) {
    place.querySelector(".at")?.classList.remove("at");
    tip.hidden = true;
  }
  function step(place, by) {
    const marks = [...place.querySelectorAll("svg path, svg line, svg text")].filter((mark) => mark.__data__?.tooltip);
    if (!marks.length) return;
    const last = marks.findIndex((mark) => mark.classList.contains("at"));
    const at = Number.isFinite(by) ? Math.max(0, Math.min(marks.length - 1, last + by)) : by < 0 ? 0 : marks.length - 1;
    leave(place);
    const mark = marks[at];
    mark.classList.add("at");
    const { right, bottom } = mark.getBoundingClientRect();
    const value = mark.__data__.tooltip;
    showTip(null, { clientX: right - 10, clientY: bottom - 10 }, null, value);
    spoken.textContent = known(value).map(([key, text]) => `${key} ${text}`).join(", ");
  }
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  for (const place of document.querySelectorAll(".drawing")) {
    place.addEventListener("keydown", (event) => {
      if (event.key === "Escape") leave(place);
      if (!(event.key in STEPS)) return;
      event.preventDefault();
      step(place, STEPS[event.key]);
    });
    place.addEventListener("blur", () => leave(place));
  }

  function draw(figure) {
    const place = figure.querySelector(".canvas");
    const { spec, height } = JSON.parse(figure.querySelector("script").textContent);
    drawn.get(figure)?.finalize();
    const themes = JSON.parse(document.getElementById("themes").textContent);
    const theme = themes[dark() ? "dark" : "light"];
    theme.legend.columns = Math.max(1, Math.floor(place.clientWidth / 180));
    const sized = { ...spec, width: "container", height, autosize: { type: "fit-x", contains: "padding" } };
    const compiled = vegaLite.compile(sized, { config: theme }).spec;
    const runtime = vega.parse(compiled, null, { ast: true });
    const view = new vega.View(runtime, { expr: vegaInterpreter.expressionInterpreter, renderer: "svg", hover: true })
      .tooltip(showTip).initialize(place);
    drawn.set(figure, view);
    return view.runAsync().then(() => { figure.dataset.drawn = dark() ? "dark" : "light"; });
  }

  const figures = [...document.querySelectorAll("figure[data-chart]")];
  const open = (figure) => !figure.parentElement.closest("details:not([open])");
  const undrawn = (figure) => !figure.dataset.drawn && open(figure);
  const drawAll = () => Promise.all(figures.map(draw));
  // One after the other, so that the page stays responsive; all that are open, so that a picture or a print has them.
  const drawOpen = () => {
    const next = figures.find(undrawn);
    if (!next) return;
    next.dataset.drawn = "soon";
    new Promise((done) => done(draw(next))).finally(() => setTimeout(drawOpen));  // also where one cannot be drawn
  };
  if (globalThis.vega) {
    drawOpen();
    document.addEventListener("toggle", drawOpen, true);
    addEventListener("beforeprint", () => figures.filter(undrawn).forEach(draw));
  }

  // ---- the figures of a chart as a table, made when it is asked for: what its tooltips say of each mark
  function fieldsOf(spec) {
    const layers = spec.layer ? spec.layer.flatMap((layer) => fieldsOf({ ...layer, encoding: { ...spec.encoding, ...layer.encoding } })) : [];
    const own = spec.layer ? [] : [spec.encoding?.tooltip ?? []].flat();
    return [...layers, ...own];
  }
  for (const details of document.querySelectorAll("details.figures")) {
    details.addEventListener("toggle", () => {
      if (details.querySelector("table")) return;
      const { spec } = JSON.parse(details.parentElement.querySelector("script").textContent);
      const fields = new Map(fieldsOf(spec).map(({ field, title }) => [field, title ?? field]));
      const table = document.createElement("table");
      const head = table.createTHead().insertRow();
      for (const title of fields.values()) {
        const cell = document.createElement("th");
        cell.scope = "col";
        cell.textContent = title;
        head.append(cell);
      }
      const body = table.createTBody();
      for (const value of spec.data.values) {
        const row = body.insertRow();
        for (const field of fields.keys()) {
          const shown = value[field];
          row.insertCell().textContent = typeof shown === "number" ? Number(shown.toPrecision(4)).toLocaleString("en") : shown ?? "–";
        }
      }
      const frame = document.createElement("div");
      frame.className = "scroll";
      frame.tabIndex = 0;
      frame.setAttribute("role", "region");
      frame.setAttribute("aria-label", `Figures: ${details.closest("section")?.dataset.section ?? ""}, ${details.parentElement.getAttribute("aria-label")}`);
      frame.append(table);
      details.append(frame);
      fading(frame);
    });
  }

  // ---- all columns; sections that a link leads to are folded out
  const columns = document.getElementById("columns");
  columns?.addEventListener("click", () => {
    const all = root.dataset.columns !== "all";
    root.dataset.columns = all ? "all" : "brief";
    columns.setAttribute("aria-pressed", String(all));
  });
  const unfold = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const details = target && target.querySelector("details.section");
    if (!details) return;
    details.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();

  // ---- theme
  const button = document.getElementById("theme");  // it names what it switches to
  const told = () => { if (button) document.getElementById("theme-name").textContent = dark() ? "Light" : "Dark"; };
  button?.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    kept.set(root.dataset.theme);
    told();
    figures.filter((figure) => figure.dataset.drawn).forEach(draw);
  });
  told();

  // ---- sorting: by the value that a cell carries, else by its text; blanks last
  function valueOf(row, index) {
    const cell = row.cells[index];
    return cell.dataset.value === undefined ? cell.textContent.trim() : cell.dataset.value;
  }
  function compare(a, b, numeric) {
    if (a === "" || b === "") return (a === "") - (b === "");
    return numeric ? Number(a) - Number(b) : a.localeCompare(b, undefined, { numeric: true });
  }
  for (const head of document.querySelectorAll("th[scope=col]")) {
    head.querySelector("button")?.addEventListener("click", () => {
      const table = head.closest("table");
      const down = head.getAttribute("aria-sort") === "ascending" ||
        (head.getAttribute("aria-sort") === null && head.dataset.better === "higher");
      for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const numeric = head.classList.contains("number");
      const rows = [...table.tBodies[0].rows].sort((one, other) => {
        const [a, b] = [valueOf(one, head.cellIndex), valueOf(other, head.cellIndex)];
        const order = compare(a, b, numeric);
        return down && a !== "" && b !== "" ? -order : order;
      });
      table.tBodies[0].append(...rows);
    });
  }

  // ---- filter: rows of all tables that hold every word
  const filter = document.getElementById("filter");
  filter?.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0, all = 0;
    for (const section of document.querySelectorAll("section[data-section]")) {
      const title = section.dataset.section.toLowerCase();
      let left = 0;
      for (const row of section.querySelectorAll("tbody tr")) {
        const text = title + " " + row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        all += 1;
        if (!row.hidden) { shown += 1; left += 1; }
      }
      section.hidden = words.length > 0 && left === 0;
      const details = section.querySelector("details.section");
      if (details && words.length && left) details.open = true;
    }
    document.getElementById("found").textContent = words.length ? `${shown} of ${all} rows` : "";
  });

  // ---- the list of runs: why two that are chosen cannot be compared
  const compared = document.getElementById("compare")?.form;
  compared?.addEventListener("change", () => {
    const [base, other] = ["base", "new"].map((name) => compared.querySelector(`input[name="${name}"]:checked`));
    if (!base || !other) return;
    // Which rows a run measured is known of the newest ones.
    const [ours, theirs] = [base, other].map((chosen) => chosen.dataset.rows?.split(" ").filter(Boolean));
    const may = base.value !== other.value && (!ours || !theirs || ours.some((row) => theirs.includes(row)));
    const names = base.dataset.name === other.dataset.name ? "These two runs" : `${base.dataset.name} and ${other.dataset.name}`;
    document.getElementById("compare").disabled = !may;
    document.getElementById("why-not").textContent = may ? "" : base.value === other.value ? "Choose two runs."
      : `${names} have no row in common (workload, contender and load), so they cannot be compared.`;
  });

  // ---- downloads and the clipboard
  async function unpacked(id) {
    const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (sign) => sign.charCodeAt(0));
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).blob();
  }
  for (const link of document.querySelectorAll("button[data-download]")) {
    link.addEventListener("click", async () => {
      const target = document.createElement("a");
      target.href = URL.createObjectURL(await unpacked(link.dataset.download));
      target.download = link.dataset.name;
      target.click();
      setTimeout(() => URL.revokeObjectURL(target.href), 10000);
    });
  }
  for (const copy of document.querySelectorAll("button[data-copy]")) {
    copy.addEventListener("click", async () => {
      await navigator.clipboard?.writeText(document.getElementById(copy.dataset.copy).textContent);
      copy.textContent = "copied";
    });
  }

  globalThis.workbench = { drawAll, draw };
})();
