// Series over time that can be zoomed: drag over a stretch, or + − ← → and 0 on the keyboard. All charts over time show the same
// stretch.

const time = (() => {
  const first = data.timeline ? data.timeline[0].starts : [];
  const whole = [first[0] ?? 0, first.length > 1 ? 2 * first[first.length - 1] - first[first.length - 2] : (first[0] ?? 0) + 1];
  let zone = about.zone || "UTC";
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
  } catch {
    zone = "UTC";
  }
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    weekday: "short",
    hourCycle: "h23",
  });
  const known = new Map();
  /** Date, minutes since midnight and weekday by the clock of most stores. */
  function local(second) {
    let found = known.get(second);
    if (!found) {
      const part = Object.fromEntries(parts.formatToParts(second * 1000).map(({ type, value }) => [type, value]));
      found = {
        date: `${part.year}-${part.month}-${part.day}`,
        minutes: part.hour * 60 + +part.minute,
        weekday: part.weekday,
        clock: `${part.hour}:${part.minute}`,
      };
      known.set(second, found);
    }
    return found;
  }
  return { whole, zone, local, range: whole.slice(), listeners: [] };
})();

function zoomTo(from, to) {
  const [first, last] = time.whole;
  const least = Math.min(3600, last - first);
  const width = Math.min(Math.max(to - from, least), last - first);
  const start = Math.min(Math.max(from, first), last - width);
  time.range = [start, start + width];
  for (const listener of time.listeners) listener();
}

function zoomBy(factor) {
  const [from, to] = time.range;
  const middle = (from + to) / 2;
  const half = ((to - from) * factor) / 2;
  zoomTo(middle - half, middle + half);
}

function shift(share) {
  const [from, to] = time.range;
  zoomTo(from + (to - from) * share, to + (to - from) * share);
}

/** Buttons that zoom: in, out, along, whole, and each local day. */
function zoomBar() {
  const button = (text, title, act) => el("button", { type: "button", title, "aria-label": title, click: act }, text);
  const days = new Map();
  for (const second of data.timeline[0].starts) {
    const { date, weekday } = time.local(second);
    const day = days.get(date);
    if (day) day[1] = second;
    else days.set(date, [second, second, weekday]);
  }
  const step = data.timeline[0].starts[1] - data.timeline[0].starts[0] || 900;
  const list = [...days].filter(([, [from, to]]) => to - from > 6 * 3600).slice(0, 14);
  return el(
    "div",
    { class: "bar", role: "group", "aria-label": "Zoom of the charts over time" },
    button("whole", "Show the whole time", () => zoomTo(...time.whole)),
    button("+", "Zoom in", () => zoomBy(0.5)),
    button("−", "Zoom out", () => zoomBy(2)),
    button("←", "Earlier", () => shift(-0.5)),
    button("→", "Later", () => shift(0.5)),
    list.map(([date, [from, to, weekday]]) => button(`${weekday} ${date.slice(5)}`, `Show ${date}`, () => zoomTo(from, to + step))),
  );
}

/** A figure of series: { title, unit, note, starts, series: [{ label, column: { mean, low, high }, scale }] }. */
function timeChart({ title, unit, note, starts, series }) {
  const [width, height, left, right, top, bottom] = [960, 230, 64, 12, 10, 36];
  const step = starts.length > 1 ? starts[1] - starts[0] : 900;
  const box = svg("svg", {
    class: "zoom",
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    tabindex: 0,
    "aria-label": `${title}. Over time; + and − zoom, arrows move, 0 shows all.`,
  });
  const values = series.map(({ column, scale = 1 }) => ({
    mean: column.mean.map((v) => v * scale),
    low: column.low?.map((v) => v * scale),
    high: column.high?.map((v) => v * scale),
  }));
  let drag = null;

  const x = (second) => left + ((second - time.range[0]) / (time.range[1] - time.range[0])) * (width - left - right);
  const second = (px) => time.range[0] + ((px - left) / (width - left - right)) * (time.range[1] - time.range[0]);

  function draw() {
    box.replaceChildren();
    const [from, to] = time.range;
    const first = Math.max(
      0,
      starts.findIndex((s) => s + step > from),
    );
    let last = starts.length - 1;
    while (last > first && starts[last] >= to) last--;
    let most = 0;
    values.forEach(({ mean, high }) => {
      for (let i = first; i <= last; i++) most = Math.max(most, mean[i], high ? high[i] : 0);
    });
    const marks = ticks(most);
    const top_value = marks[marks.length - 1];
    const y = (value) => height - bottom - (value / top_value) * (height - top - bottom);
    for (const mark of marks) {
      box.append(
        svg("line", { class: "grid", x1: left, x2: width - right, y1: y(mark), y2: y(mark) }),
        svg("text", { class: "soft", x: left - 6, y: y(mark) + 4, "text-anchor": "end" }, short(mark)),
      );
    }
    drawTimes(first, last);
    series.forEach(({}, at) => {
      const { mean, low, high } = values[at];
      if (low) {
        let upper = "",
          lower = "";
        for (let i = first; i <= last; i++) {
          const middle = x(starts[i] + step / 2).toFixed(1);
          upper += `${upper ? "L" : "M"}${middle},${y(high[i]).toFixed(1)}`;
          lower = `L${middle},${y(Math.max(0, low[i])).toFixed(1)}` + lower;
        }
        box.append(svg("path", { d: upper + lower + "Z", fill: colour(at), opacity: 0.2 }));
      }
      let line = "";
      for (let i = first; i <= last; i++) line += `${line ? "L" : "M"}${x(starts[i] + step / 2).toFixed(1)},${y(mean[i]).toFixed(1)}`;
      box.append(
        svg("path", {
          d: line,
          fill: "none",
          stroke: colour(at),
          "stroke-width": 1.8,
          "stroke-linejoin": "round",
          "stroke-dasharray": ["", "7 3", "2 3", "9 3 2 3"][at % 4],
        }),
      );
    });
    box.append(svg("line", { class: "axis", x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }));
    if (drag) {
      const [a, b] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
      box.append(svg("rect", { x: a, width: b - a, y: top, height: height - top - bottom, fill: "var(--accent)", opacity: 0.18 }));
    }
  }

  function drawTimes(first, last) {
    const span = ((last - first + 1) * step) / 3600;
    const every = [1, 2, 3, 6, 12, 24, 48, 168].find((hours) => span / hours <= 13) ?? 336;
    let spaced = -1e9;
    for (let i = first; i <= last; i++) {
      const { minutes, clock, date, weekday } = time.local(starts[i]);
      if (minutes % Math.min(every * 60, 1440) !== 0) continue;
      const at = x(starts[i]);
      if (at - spaced < 60) continue;
      spaced = at;
      box.append(
        svg("line", { class: "grid", x1: at, x2: at, y1: top, y2: height - bottom }),
        svg("text", { class: "soft", x: at, y: height - bottom + 15, "text-anchor": "middle" }, clock),
      );
      if (minutes === 0) {
        const anchor = at > width - right - 30 ? "end" : "middle";
        box.append(svg("text", { x: at, y: height - bottom + 30, "text-anchor": anchor }, `${weekday} ${date.slice(5)}`));
      }
    }
  }

  const at = (event) => {
    const bounds = box.getBoundingClientRect();
    return Math.min(Math.max(((event.clientX - bounds.left) / bounds.width) * width, left), width - right);
  };
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    drag = { from: at(event), to: at(event) };
    box.setPointerCapture(event.pointerId);
  });
  box.addEventListener("pointermove", (event) => {
    const px = at(event);
    if (drag) {
      drag.to = px;
      draw();
    }
    const i = Math.min(starts.length - 1, Math.max(0, Math.floor((second(px) - starts[0]) / step)));
    const { date, clock, weekday } = time.local(starts[i]);
    const lines = series.map(({ label: name }, k) => {
      const { mean, low, high } = values[k];
      return `${name}: ${count(mean[i])}` + (low ? ` (${count(low[i])} to ${count(high[i])})` : "");
    });
    showTip([`${weekday} ${date} ${clock}`, ...lines].join("\n"), event.clientX, event.clientY);
  });
  box.addEventListener("pointerup", () => {
    const ended = drag;
    drag = null;
    if (ended && Math.abs(ended.to - ended.from) > 6) {
      zoomTo(second(Math.min(ended.from, ended.to)), second(Math.max(ended.from, ended.to)));
    } else draw();
  });
  box.addEventListener("pointerleave", hideTip);
  box.addEventListener("dblclick", () => zoomTo(...time.whole));
  box.addEventListener("keydown", (event) => {
    const acts = {
      "+": () => zoomBy(0.5),
      "=": () => zoomBy(0.5),
      "-": () => zoomBy(2),
      ArrowLeft: () => shift(-0.25),
      ArrowRight: () => shift(0.25),
      0: () => zoomTo(...time.whole),
      Escape: () => zoomTo(...time.whole),
    };
    const act = acts[event.key];
    if (act && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      act();
    }
  });
  time.listeners.push(draw);
  draw();
  return el(
    "figure",
    { class: "over-time" },
    el("h3", {}, title, el("span", { class: "unit" }, ` ${unit}`)),
    legend(series.map(({ label: name }, k) => [name, colour(k)])),
    box,
    note ? el("figcaption", {}, note) : null,
  );
}

function bandNote() {
  if (about.replications === 1) return "One replication: one possible weekend, not a forecast.";
  const range = about.replications < 20 ? "the least to the greatest of" : "18 weekends in 20 of";
  return `Lines: means over ${count(about.replications)} replications; bands: ${range} them.`;
}
