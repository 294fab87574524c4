// A table of any length that can be sorted and searched. Only the rows in view are in the document; for print, the first ones are.

const ROW = 30;
const PRINTED = 40;

function classOf(column) {
  return [column.number ? "number" : "", column.screen ? "screen" : ""].filter(Boolean).join(" ") || null;
}

/**
 * { rows: how many, columns: [{ name, label, unit, meaning, words, rows | value(i), show(v), screen }], sort: [name, descending],
 * noun, onSelect(i) }. Words are kept as positions in a list of words; `value(i)` is what is sorted by, `show` what is seen. Columns
 * that are `screen` are left out of print.
 */
function bigTable({ rows, columns, sort, noun, onSelect, described }) {
  for (const column of columns) {
    column.number = !column.words && !column.text;
    column.value ??= column.words ? (i) => column.words[column.rows[i]] : (i) => column.rows[i];
    column.show ??= column.number ? (v) => cellOf(v, column.unit) : (v) => v;
    column.label ??= label(column.name);
  }
  let order = Array.from({ length: rows }, (_, i) => i);
  let visible = order;
  let [sorted, descending] = sort;
  let needle = "";
  let active = 0;
  let selected = -1;
  let haystack = null;

  const body = el("tbody");
  const head = el("tr");
  const status = el("span", { class: "note", role: "status" });
  const scroll = el("div", { class: "scroll" }, el("table", { "aria-rowcount": rows + 1 }, el("thead", {}, head), body));
  const search = el("input", {
    type: "search",
    placeholder: `search ${noun}`,
    "aria-label": `Search ${noun}`,
    input: () => {
      needle = search.value.trim().toLowerCase();
      active = 0;
      scroll.scrollTop = 0;
      refresh();
    },
  });

  for (const column of columns) {
    const button = el("button", {
      type: "button",
      title: column.meaning || "",
      click: () => {
        descending = sorted === column.name ? !descending : column.number;
        sorted = column.name;
        refresh();
      },
    });
    column.head = el("th", { scope: "col", class: classOf(column) }, button);
    head.append(column.head);
  }

  function refresh() {
    const by = columns.find((column) => column.name === sorted);
    const sign = descending ? -1 : 1;
    const keys = order.length ? Array.from({ length: rows }, (_, i) => by.value(i)) : [];
    order.sort((a, b) => {
      const [one, other] = [keys[a], keys[b]];
      const [noOne, noOther] = [one === null || one === undefined || one === "", other === null || other === undefined || other === ""];
      if (noOne || noOther) return noOne - noOther || a - b;
      return (one < other ? -1 : one > other ? 1 : 0) * sign || a - b;
    });
    if (needle) {
      const texts = columns.filter((column) => !column.number);
      haystack ??= Array.from({ length: rows }, (_, i) =>
        texts
          .map((column) => String(column.value(i) ?? ""))
          .join("\n")
          .toLowerCase(),
      );
      const words = needle.split(/\s+/);
      visible = order.filter((i) => words.every((word) => haystack[i].includes(word)));
    } else visible = order;
    for (const column of columns) {
      const on = column.name === sorted;
      column.head.setAttribute("aria-sort", on ? (descending ? "descending" : "ascending") : "none");
      column.head.firstChild.textContent = column.label + (on ? (descending ? " ▼" : " ▲") : "");
    }
    status.textContent = needle ? `${count(visible.length)} of ${count(rows)} ${noun}` : `${count(rows)} ${noun}`;
    draw();
  }

  let printing = false;
  function draw() {
    const first = printing ? 0 : Math.max(0, Math.floor(scroll.scrollTop / ROW) - 10);
    const last = printing
      ? Math.min(visible.length, PRINTED)
      : Math.min(visible.length, first + Math.ceil((scroll.clientHeight || 430) / ROW) + 20);
    const held = body.contains(document.activeElement);
    const gap = (pixels) => {
      const td = el("td", { colspan: columns.length });
      td.style.height = pixels + "px";
      return el("tr", { class: "gap", "aria-hidden": "true" }, td);
    };
    const list = [];
    if (first > 0) list.push(gap(first * ROW));
    for (let at = first; at < last; at++) {
      const i = visible[at];
      list.push(
        el(
          "tr",
          {
            tabindex: at === active ? 0 : -1,
            "data-at": at,
            "aria-rowindex": at + 2,
            "aria-selected": onSelect ? String(i === selected) : null,
          },
          columns.map((column) => {
            const text = column.show(column.value(i), i);
            return el("td", { class: classOf(column), title: column.number ? null : text, dir: column.number ? null : "auto" }, text);
          }),
        ),
      );
    }
    if (!printing && last < visible.length) list.push(gap((visible.length - last) * ROW));
    if (printing && last < visible.length) {
      list.push(el("tr", {}, el("td", { colspan: columns.length }, `… and ${count(visible.length - last)} more`)));
    }
    body.replaceChildren(...list);
    if (held) body.querySelector(`[data-at="${active}"]`)?.focus({ preventScroll: true });
  }

  function select(at) {
    if (at < 0 || at >= visible.length) return;
    active = at;
    selected = visible[at];
    draw();
    if (onSelect) onSelect(selected);
  }

  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-at]");
    if (row) {
      select(+row.dataset.at);
      body.querySelector(`[data-at="${active}"]`)?.focus({ preventScroll: true });
    }
  });
  body.addEventListener("keydown", (event) => {
    const page = Math.floor(scroll.clientHeight / ROW) - 2;
    const moves = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: visible.length - 1,
    };
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      select(active);
    } else if (event.key in moves) {
      event.preventDefault();
      active = Math.min(Math.max(moves[event.key], 0), visible.length - 1);
      const y = active * ROW;
      if (y < scroll.scrollTop + ROW) scroll.scrollTop = Math.max(0, y - ROW);
      else if (y > scroll.scrollTop + scroll.clientHeight - 3 * ROW) scroll.scrollTop = y - scroll.clientHeight + 3 * ROW;
      draw();
      body.querySelector(`[data-at="${active}"]`)?.focus({ preventScroll: true });
    }
  });
  scroll.addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
  addEventListener("beforeprint", () => {
    printing = true;
    draw();
  });
  addEventListener("afterprint", () => {
    printing = false;
    draw();
  });
  refresh();
  return {
    node: el("div", {}, el("div", { class: "bar" }, search, status), scroll, described ? el("p", { class: "note" }, described) : null),
    /** Shows only rows with this text, and the first of them in full. */
    find(text) {
      search.value = text;
      needle = text.toLowerCase();
      active = 0;
      scroll.scrollTop = 0;
      refresh();
      if (visible.length) select(0);
    },
  };
}
