"use strict";
// The live page: the events of the run's journal as they come; ends in the report.
(() => {
  const POINTS = 120;
  const find = (id) => document.getElementById(id);
  const decimals = (value, digits) => value === 0 ? 0
    : Math.min(3, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value)))));
  const figures = (value, digits = 4) => value === null || value === undefined ? "–"
    : value.toLocaleString("en", { minimumFractionDigits: decimals(value, digits), maximumFractionDigits: decimals(value, digits) });
  const rates = {};
  let done = 0;
  let togo = "";

  function left() {
    const bar = find("bar");
    find("left").textContent = `${done} of ${bar.max} trials` + (togo ? `, ${togo}` : "");
  }

  // The verdict so far, asked for at most every other second.
  let asking = false;
  let wait = 0;
  function ask() {
    if (asking) return;
    asking = true;
    setTimeout(async () => {
      asking = false;
      try {
        const answer = await fetch("so-far");
        if (answer.ok) find("verdict").textContent = await answer.text();
      } catch { /* the run is over, or the server: the events say so */ }
    }, wait);
    wait = 2000;
  }

  // One small picture for each workload and load: a row a contender, a point a trial, on one axis from 0.
  const multiples = new Map();
  function element(name, className, text) {
    const made = document.createElement(name);
    made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function multiple({ workload, load }) {
    const key = `${workload}, ${load}`;
    if (!multiples.has(key)) {
      const figure = element("figure", "multiple");
      figure.append(element("figcaption", "", key), element("div", "rows"));
      const axis = element("div", "axis scale");
      axis.setAttribute("aria-hidden", "true");
      figure.append(axis);
      find("multiples").append(figure);
      multiples.set(key, { figure, axis, points: new Map() });
    }
    return multiples.get(key);
  }
  // From 0 in steps of 1, 2 or 5 times a power of ten: two to five of them.
  function ticks(most) {
    const power = 10 ** Math.floor(Math.log10(most / 2));
    const step = [5, 2, 1].map((times) => times * power).find((each) => each * 2 <= most) ?? power;
    return Array.from({ length: Math.floor(most / step) + 1 }, (_, at) => at * step);
  }
  function plot(trial) {
    if (trial.per_s === null || trial.status === "disturbed" || trial.floor) return;
    const { figure, axis, points } = multiple(trial);
    if (!points.has(trial.contender)) points.set(trial.contender, { side: trial.side, values: [] });
    points.get(trial.contender).values.push(trial.per_s);
    const most = Math.max(...[...points.values()].flatMap(({ values }) => values), 1e-9);
    const rows = [...points].map(([name, { side, values }]) => {
      const row = element("div", "row");
      const place = element("span", "axis");
      for (const value of values) {
        const point = element("i", `point ${side}`);
        point.style.left = `${(100 * value / most).toFixed(2)}%`;
        place.append(point);
      }
      row.append(element("span", "dim", name), place, element("span", "number", `${figures(values.at(-1))}/s`));
      return row;
    });
    figure.querySelector(".rows").replaceChildren(...rows);
    axis.replaceChildren(...ticks(most).map((at) => {
      const tick = element("i", "tick", at.toLocaleString("en"));
      tick.style.left = `${100 * at / most}%`;
      return tick;
    }));
  }

  function draw(side) {
    const line = document.querySelector(`figure.side[data-side="${side}"] polyline`);
    const most = Math.max(...rates[side], 1e-9);
    line?.setAttribute("points", rates[side].map((rate, at) =>
      `${(300 * at / Math.max(1, rates[side].length - 1)).toFixed(1)},${(58 - 54 * rate / most).toFixed(1)}`).join(" "));
  }

  const show = {
    step: ({ text }) => { find("now").textContent = text; },
    note: ({ text }) => { find("note").textContent = text; },
    begin: ({ trials }) => { find("bar").max = trials; find("bar").value = done; left(); },
    to_go: ({ text }) => { togo = text; left(); },
    trial_begins: ({ round, workload, contender, load }) => {
      find("now").textContent = `${round ? `round ${round}` : "probe"}: ${workload} on ${contender}, ${load}`;
    },
    current: ({ side, per_s, latency_ms }) => {
      const figure = document.querySelector(`figure.side[data-side="${CSS.escape(side)}"]`);
      if (!figure) return;
      figure.querySelector(".rate").textContent = `${figures(per_s)} requests/s`;
      figure.querySelector(".latency").textContent = latency_ms === null ? "" : `latency ${figures(latency_ms, 3)} ms`;
      (rates[side] ??= []).push(per_s);
      if (rates[side].length > POINTS) rates[side].shift();
      draw(side);
    },
    trial_ends: (trial) => {
      if (trial.status !== "disturbed") done += 1;
      find("bar").value = done;
      left();
      plot(trial);
      ask();
      const row = document.createElement("tr");
      row.dataset.side = trial.side;
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = trial.contender;
      row.append(head);
      const texts = [trial.workload, trial.load, trial.round || "probe", figures(trial.per_s), figures(trial.p50_ms, 3),
        figures(trial.p99_ms, 3), `${trial.ok} of ${trial.submitted}`, trial.error ? `${trial.status}: ${trial.error}` : trial.status];
      texts.forEach((text, index) => {
        const cell = row.insertCell();
        cell.textContent = String(text);
        if (index > 1 && index < 7) cell.className = "number";
      });
      find("trials").prepend(row);
    },
    silent: ({ minutes }) => {
      find("silent").hidden = false;
      find("silent").textContent = `Nothing reported by this run for ${minutes} min; it may have been killed. What it measured is in the report so far.`;
    },
    end: () => { source.close(); location.replace(location.pathname + "?report"); },
  };
  const source = new EventSource("events");
  source.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.type !== "silent") find("silent").hidden = true;
    show[event.type]?.(event);
  };
})();
