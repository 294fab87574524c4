// What the results rest on: every setting with its tag, the sources, and the command that gives the same again.

const TAGS = {
  C: "cited: read in the source named",
  D: "derived from cited figures by arithmetic",
  M: "from memory, not verified",
  EA: "engineering assumption",
  J: "a practitioner's judgement without a source",
  file: "written in the scenario or in a file that it names",
  "command line": "given on the command line",
};

/** The same in a word, what to trust least first. */
const WORDS = { M: "memory", J: "judgement", EA: "assumption", D: "derived", C: "cited", file: "scenario", "command line": "command line" };
const tagNames = { "command line": "set" };

function tagNode(tag) {
  return el(
    "span",
    { class: "tag " + (tag === "command line" ? "line" : tag), title: TAGS[tag] || "" },
    tag === "command line" ? "set" : tag,
  );
}

function restsSection() {
  const place = section(
    "rests",
    "What this rests on",
    "Every setting of the run. What the scenario does not say has a default, and each default says how far to trust it.",
  );
  const totals = new Map(Object.keys(TAGS).map((tag) => [tag, 0]));
  for (const [, , tag] of data.rests) totals.set(tag, (totals.get(tag) || 0) + 1);
  place.append(
    plainTable(
      ["tag", "meaning", { number: "settings" }],
      [...totals].filter(([, number]) => number).map(([tag, number]) => [tagNode(tag), TAGS[tag] || "", { number: count(number) }]),
    ),
  );
  const drawn = Object.entries(about.drawn || {});
  if (drawn.length) {
    place.append(
      el(
        "p",
        { class: "note" },
        "Drawn, because the fleet does not say it: " +
          drawn.map(([name, stores]) => `${label(name)} at ${count(stores)} stores`).join(", ") +
          ".",
      ),
    );
  }
  const column = (name, at, meaning) => ({ name, text: true, meaning, value: (i) => data.rests[i][at] });
  const switches = new Map((data.uncertainty?.tornado ?? []).map((bar) => [bar.input, switchWords(bar.switch)]));
  const order = Object.keys(WORDS);
  const trust = (i) => order.indexOf(data.rests[i][2]);
  place.append(
    bigTable({
      rows: data.rests.length,
      noun: "settings",
      sort: ["trust", false],
      columns: [
        {
          name: "trust",
          text: true,
          meaning: "What to trust least comes first",
          value: trust,
          show: (at) => Object.values(WORDS)[at] ?? "",
        },
        column("setting", 0, "As for --set"),
        column("value", 1),
        ...(data.uncertainty
          ? [{ name: "switch value", text: true, meaning: "Where it alone would flip the decision", value: (i) => switches.get(data.rests[i][0]) ?? "" }]
          : []),
        column("source", 3, "Why, and from where"),
        { ...column("tag", 2), show: (tag) => tagNames[tag] ?? tag },
      ],
    }).node,
  );
}

function sourceSection() {
  const place = section("sources", "Sources");
  const copy = el(
    "button",
    {
      type: "button",
      class: "copy",
      click: async () => {
        try {
          await navigator.clipboard.writeText(about.reproduce);
          copy.textContent = "copied";
        } catch {
          getSelection().selectAllChildren(command);
        }
      },
    },
    "copy",
  );
  const command = el("pre", { tabindex: 0 }, about.reproduce || "not recorded");
  place.append(
    el("h3", {}, "The command that gives this again"),
    command,
    copy,
    el(
      "p",
      { class: "note" },
      `tinsel ${about.version}, results version ${about.results_version}, time zones ${about.timezone_database}, seed ${about.seed}, ` +
        `${count(about.replications)} replication${about.replications === 1 ? "" : "s"}. With the same files, seed and results version, every byte is the same on every machine.`,
    ),
    plainTable(
      ["file that was read", "SHA-256"],
      about.inputs.map(({ path, sha256 }) => [path, el("code", {}, sha256)]),
    ),
  );
  if (data.sources.length) {
    place.append(
      el("h3", {}, "Sources of the defaults in use"),
      el(
        "table",
        { class: "plain" },
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            ["id", "what", "where"].map((heading) => el("th", { scope: "col" }, heading)),
          ),
        ),
        el(
          "tbody",
          {},
          data.sources.map(([id, what, where]) =>
            el(
              "tr",
              {},
              el("td", {}, id),
              el("td", {}, what),
              el("td", {}, /^https?:\/\/[^\s"<>]+$/.test(where) ? el("a", { href: where, rel: "noopener noreferrer" }, where) : where),
            ),
          ),
        ),
      ),
    );
  }
}

function numbersSection() {
  if (!data.groups) return;
  const place = section("numbers", "All numbers", "As in summary.json: means over replications with their intervals.");
  for (const [group, metrics] of Object.entries(data.groups)) {
    const rows = metrics.filter((metric) => metric.day === null && metric.estimate !== null);
    if (rows.length)
      place.append(
        el(
          "details",
          {},
          el("summary", {}, label(group)),
          plainTable(
            ["number", { number: "value" }],
            rows.map((metric) => [label(metric.name), { number: withInterval(metric) }]),
          ),
        ),
      );
  }
}
