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
  const under = {};  // side → what it is measured at: rates of a no-op and of work are no one line
  let done = 0;
  let togo = "";

  function left() {
    const bar = find("bar");
    find("left").textContent = `${done} of ${bar.max} trials` + (togo ? `, ${togo}` : "");
  }

  function verdict({ headline, certainty }) {
    find("verdict").textContent = headline;
    find("certainty").replaceChildren(...certainty.map(([question, text]) => {
      const line = element("span", "");
      line.append(element("strong", "", `${question}:`), ` ${text}.`);
      return line;
    }));
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
        if (answer.ok) verdict(await answer.json());
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
      figure.append(element("figcaption", "", `${key}: requests/s of each trial, and the mean`), element("div", "rows"));
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
    const rows = [...points].sort(([a], [b]) => a.localeCompare(b)).map(([name, { side, values }]) => {
      const row = element("div", "row");
      const place = element("span", "axis");
      for (const value of values) {
        const point = element("i", `point ${side}`);
        point.style.left = `${(100 * value / most).toFixed(2)}%`;
        place.append(point);
      }
      const mean = values.reduce((sum, value) => sum + value) / values.length;
      row.append(element("span", "dim", name), place, element("span", "number", `${figures(mean)}/s`));
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
    const figure = document.querySelector(`figure.side[data-side="${side}"]`);
    const seen = rates[under[side]] ?? [];
    const most = Math.max(...seen, 1e-9);
    figure.querySelector(".under").textContent = under[side];
    for (const part of figure.querySelectorAll("svg, .ends")) part.toggleAttribute("hidden", seen.length < 2);
    figure.querySelector(".reach").textContent = seen.length ? `0 to ${figures(most)} requests/s` : "";
    figure.querySelector("polyline").setAttribute("points", seen.map((rate, at) =>
      `${(300 * at / Math.max(1, seen.length - 1)).toFixed(1)},${(58 - 54 * rate / most).toFixed(1)}`).join(" "));
  }

  const show = {
    step: ({ text }) => { find("now").textContent = text; },
    note: ({ text }) => { find("note").textContent = text; },
    begin: ({ trials }) => { find("bar").max = trials; find("bar").value = done; left(); },
    to_go: ({ text }) => { togo = text; left(); },
    trial_begins: ({ round, side, workload, contender, load }) => {
      under[side] = `${contender}: ${workload}, ${load}`;
      const figure = document.querySelector(`figure.side[data-side="${CSS.escape(side)}"]`);
      if (figure) {
        figure.querySelector(".rate").textContent = "–";
        figure.querySelector(".latency").textContent = "";
        draw(side);
      }
      find("now").textContent = `${round ? `round ${round}` : "probe"}: ${workload} on ${contender}, ${load}`;
    },
    current: ({ side, per_s, latency_ms }) => {
      const figure = document.querySelector(`figure.side[data-side="${CSS.escape(side)}"]`);
      if (!figure) return;
      figure.hidden = false;
      figure.querySelector(".rate").textContent = `${figures(per_s)} requests/s`;
      figure.querySelector(".latency").textContent = latency_ms === null ? "" : `latency ${figures(latency_ms, 3)} ms`;
      const seen = rates[under[side] ??= ""] ??= [];
      seen.push(per_s);
      if (seen.length > POINTS) seen.shift();
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
      const counts = [trial.ok, trial.submitted].map((count) => count.toLocaleString("en"));
      const texts = [trial.workload, trial.load, trial.round || "probe", trial.status, figures(trial.per_s),
        figures(trial.p50_ms, 3), figures(trial.p99_ms, 3), counts.join(" of "), trial.error ?? ""];
      texts.forEach((text, index) => {
        const head = heads[index + 1];
        const cell = row.insertCell();
        cell.textContent = String(text);
        cell.dataset.label = head.textContent;
        cell.className = head.className;
      });
      find("trials").prepend(row);
    },
    silent: ({ minutes }) => {
      find("silent").hidden = false;
      find("silent").textContent = `Nothing reported by this run for ${minutes} min; it may have been killed. What it measured is in the report so far.`;
    },
    end: () => { source.close(); location.replace(location.pathname + "?report"); },
  };
  const heads = [...document.querySelectorAll("[data-table=trials] thead th")];
  const source = new EventSource("events");
  source.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.type !== "silent") find("silent").hidden = true;
    show[event.type]?.(event);
  };
})();
