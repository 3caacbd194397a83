"use strict";
// The live page: the events of the run's journal as they come; ends in the report.
(() => {
  const POINTS = 120;
  const find = (id) => document.getElementById(id);
  const figures = (value, digits = 4) => value === null || value === undefined ? "–"
    : Number(value.toPrecision(digits)).toLocaleString("en", { maximumFractionDigits: 3 });
  const rates = {};
  let done = 0;

  function draw(side) {
    const line = document.querySelector(`figure.side[data-side="${side}"] polyline`);
    const most = Math.max(...rates[side], 1e-9);
    line?.setAttribute("points", rates[side].map((rate, at) =>
      `${(300 * at / Math.max(1, rates[side].length - 1)).toFixed(1)},${(58 - 54 * rate / most).toFixed(1)}`).join(" "));
  }

  const show = {
    step: ({ text }) => { find("now").textContent = text; },
    note: ({ text }) => { find("note").textContent = text; },
    begin: ({ trials }) => { find("bar").max = trials; find("bar").value = done; find("left").textContent = `${done} of ${trials} trials`; },
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
      find("left").textContent = `${done} of ${find("bar").max} trials`;
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
