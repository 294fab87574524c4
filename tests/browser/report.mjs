// Opens report pages as a reader would, in the system's Chromium.
//
//   node report.mjs [--shots DIR] NAME=FILE...
//
// Fails if a page logs an error, asks the network for anything, runs a name of the scenario as markup, is too large or too slow, or
// if sorting, search, drill-down, zoom, map or print do not work. NAME `hostile` is expected to have hostile names; on NAME
// `ten-thousand` sorting and searching are timed, too. CHROMIUM names the browser.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const BYTES_MOST = 5_000_000;
const READY_MS_MOST = 2_000;
/** From a click or a key to the picture that shows what came of it. */
const LAG_MS_MOST = 500;

const options = process.argv.slice(2);
let shots = null;
if (options[0] === "--shots") {
  shots = resolve(options[1]);
  mkdirSync(shots, { recursive: true });
  options.splice(0, 2);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync),
  args: ["--no-sandbox"],
});

/** A page of `file`, with a list of everything that it should not do. */
async function open(file, settings = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, offline: true, ...settings });
  const page = await context.newPage();
  const url = pathToFileURL(resolve(file)).href;
  const wrong = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (request.url() !== url) wrong.push(`request: ${request.url()}`);
  });
  const started = performance.now();
  await page.goto(url);
  await page.waitForSelector("body[data-ready=true]", { timeout: 20_000 }).catch((error) => {
    throw new Error(wrong.join("\n") || error.message);
  });
  const ready = performance.now() - started;
  return { page, wrong, ready, close: () => context.close() };
}

const texts = (page, selector) => page.locator(selector).allTextContents();

async function shoot(page, name, selector) {
  if (!shots) return;
  const path = `${shots}/${name}.png`;
  if (selector) await page.locator(selector).screenshot({ path });
  else await page.screenshot({ path });
}

/** Sorts by clicking a heading: numbers come with the greatest first, then with the least. */
async function checkSorting(page) {
  const place = page.locator("#stores");
  const heading = place.locator("th button", { hasText: /^customers/ });
  await heading.click();
  const column = (await texts(page, "#stores thead th")).findIndex((text) => text.startsWith("customers"));
  const values = async () =>
    (await texts(page, `#stores tbody tr[data-at] td:nth-child(${column + 1})`)).map((text) => Number(text.replace(/,|\s.*/g, "")));
  const down = await values();
  assert.ok(down.length > 1, "there are rows");
  assert.deepEqual(
    down,
    down.toSorted((a, b) => b - a),
    "the greatest first",
  );
  assert.equal(await place.locator("th[aria-sort=descending]").count(), 1);
  await heading.click();
  const up = await values();
  assert.deepEqual(
    up,
    up.toSorted((a, b) => a - b),
    "the least first",
  );
}

/** Searches for a store by its name and opens it with the keyboard. */
async function checkSearch(page) {
  const rows = page.locator("#stores tbody tr[data-at]");
  const name = await rows.nth(1).locator("td").first().textContent();
  const search = page.locator("#stores input[type=search]");
  await search.fill(name);
  assert.ok((await rows.count()) >= 1, "the store is found");
  assert.ok((await texts(page, "#stores tbody tr[data-at] td:first-child")).includes(name), "by its name");
  assert.match(await page.locator("#stores [role=status]").textContent(), / of /);
  await rows.first().focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#stores tr[aria-selected=true]").count(), 1);
  await search.fill("no store has this name, not even here");
  assert.equal(await rows.count(), 0);
  await search.fill("");
  await rows.first().focus();
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.at), "1", "arrows move along rows");
}

/** Sorts and searches all stores, timed in the page: from the event until the second frame after it, when what came of it is seen. */
async function checkLag(page) {
  const times = await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const place = document.querySelector("#stores");
    const rows = () => place.querySelectorAll("tbody tr[data-at]").length;
    const sorted = (direction) => () => place.querySelector(`th[aria-sort=${direction}]`) !== null && rows() > 0;
    const timed = async (act, isDone) => {
      await frame();
      const started = performance.now();
      act();
      await frame();
      await frame();
      const time = performance.now() - started;
      // What is not done yet, because it waits for something, has no time.
      return isDone() ? time : Infinity;
    };
    // Found anew each time: sorting may draw the headings again.
    const sort = (word) => () => [...place.querySelectorAll("th button")].find((button) => button.textContent.startsWith(word)).click();
    const search = place.querySelector("input[type=search]");
    const type = (text) => () => {
      search.value = text;
      search.dispatchEvent(new InputEvent("input", { bubbles: true }));
    };
    return {
      "sort by number": await timed(sort("customers"), sorted("descending")),
      "sort back": await timed(sort("customers"), sorted("ascending")),
      "sort by text": await timed(sort("store"), sorted("ascending")),
      "search for one letter": await timed(type("1"), () => rows() > 0),
      "search for nothing there": await timed(type("no store has this name"), () => rows() === 0),
      "all again": await timed(type(""), () => rows() > 0),
    };
  });
  for (const [what, time] of Object.entries(times)) {
    assert.ok(time < LAG_MS_MOST, `${what}: ${Math.round(time)} ms of at most ${LAG_MS_MOST}`);
  }
  return Object.entries(times).map(([what, time]) => `${what} ${Math.round(time)} ms`);
}

/** Any incident shows its stages. */
async function checkIncidents(page) {
  const total = await page.locator("#incidents tbody tr[data-at]").count();
  assert.ok(total > 0, "there are incidents");
  for (const at of new Set([0, Math.floor(total / 2), total - 1])) {
    // By its place, because other rows are in the document after scrolling.
    const row = page.locator(`#incidents tr[data-at="${at}"]`);
    await row.scrollIntoViewIfNeeded();
    const store = await row.locator("td").first().textContent();
    await row.click();
    assert.ok((await page.locator("#incident h3").first().textContent()).includes(store), "details of the row");
    assert.ok((await page.locator("#incident svg rect").count()) > 0, "stages are drawn");
  }
}

/** A picture of the incident whose failover took longest: it has the most stages. */
async function shootStages(page, name) {
  if (!shots) return;
  await page.locator("#incidents th button", { hasText: /^failover/ }).click();
  await page.locator("#incidents .scroll").first().evaluate((place) => place.scrollTo(0, 0));
  await page.locator('#incidents tr[data-at="0"]').click();
  await shoot(page, `${name}-incident`, "#incidents");
}

/** Charts over time zoom by mouse, keyboard and button, all together. */
async function checkZoom(page) {
  const charts = page.locator("#time svg.zoom");
  const labels = (at) => charts.nth(at).locator("text").allTextContents();
  const whole = await labels(1);
  await charts.nth(0).scrollIntoViewIfNeeded();
  const box = await charts.nth(0).boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 4 });
  await page.mouse.up();
  const zoomed = await labels(1);
  assert.notDeepEqual(zoomed, whole, "a drag on one chart zooms the other");
  assert.match(await page.locator("#tip").textContent(), /\d{4}-\d{2}-\d{2} \d{2}:\d{2}/, "the values under the pointer are told");
  await charts.nth(0).focus();
  await page.keyboard.press("ArrowRight");
  assert.notDeepEqual(await labels(1), zoomed, "arrows move");
  await page.keyboard.press("0");
  assert.deepEqual(await labels(1), whole, "0 shows all");
  await page.getByRole("button", { name: "Zoom in" }).click();
  assert.notDeepEqual(await labels(1), whole, "the button zooms");
  await page.getByRole("button", { name: "Show the whole time" }).click();
  await page.mouse.move(2, 2);
}

/** What is under the pointer on the map is told. */
async function checkMap(page) {
  const map = page.locator("#map svg").first();
  if ((await map.count()) === 0) return;
  await map.scrollIntoViewIfNeeded();
  const spot = await page.evaluate(() => {
    const at = data.map.x.findIndex((x) => x !== null);
    return { x: data.map.x[at] / data.map.width, y: data.map.y[at] / data.map.height };
  });
  const box = await map.boundingBox();
  await page.mouse.move(box.x + spot.x * box.width, box.y + spot.y * box.height);
  assert.ok(await page.locator("#tip").isVisible(), "the map tells of a store");
  await page.mouse.move(2, 2);
}

/** Print has no controls, and tables end. */
async function checkPrint(page, name) {
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.ok(!(await page.locator("nav").isVisible()), "no contents in print");
  assert.ok(!(await page.locator("#stores .bar").first().isVisible()), "no controls in print");
  const rows = await page.locator("#stores tbody tr[data-at]").count();
  assert.ok(rows > 0 && rows <= 40, `${rows} rows of stores in print`);
  const pdf = await page.pdf({ format: "A4", path: shots ? `${shots}/${name}.pdf` : undefined });
  assert.ok(pdf.length > 20_000, "the page prints");
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen" });
}

/** On a fresh page: everything that can be reached with Tab shows that it has the focus. */
async function checkKeyboard(page) {
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip", "the first stop skips to the results");
  for (let stop = 0; stop < 12; stop++) await page.keyboard.press("Tab");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, "none", "the focus is seen");
}

/** A curve for each profile, up to seven, and a band for each that has one: none with one replication. */
async function checkCurves(page) {
  const { curves, banded, replications } = await page.evaluate(() => {
    const shown = (data.curves ?? []).slice().sort((a, b) => b.faults - a.faults).slice(0, 7);
    const banded = shown.filter((curve) => ![...curve.failed_over_low, ...curve.failed_over_high].includes(null));
    return { curves: shown.length, banded: banded.length, replications: about.replications };
  });
  assert.ok(curves > 0, "failovers");
  assert.equal(await page.locator("#failover path.curve").count(), curves, "a curve for each profile");
  assert.equal(await page.locator("#failover path.band").count(), banded, "a band for each that has one");
  if (replications === 1) assert.equal(banded, 0, "one replication has no band");
  const lines = await page.locator("#failover path.curve, #failover path.band").evaluateAll((all) => all.map((one) => one.getAttribute("d")));
  assert.ok(lines.every((line) => !/NaN|Infinity|undefined/.test(line)), "every corner has a place");
}

async function checkRun(name, page) {
  assert.ok((await texts(page, ".verdict p")).length >= 2, "a verdict");
  const placed = await page.evaluate(() => data.map !== null);
  for (const id of ["days", "time", "stores", "incidents", "failover", "rests", "sources", ...(placed ? ["map"] : [])]) {
    assert.equal(await page.locator(`#${id} h2`).count(), 1, `section ${id}`);
  }
  await shoot(page, `${name}-top`);
  if (placed) await shoot(page, `${name}-map`, "#map");
  await checkSorting(page);
  await checkSearch(page);
  await checkIncidents(page);
  await shootStages(page, name);
  await checkZoom(page);
  await checkCurves(page);
  for (const id of ["time", "failover", "losses", "rests", "noc", "heat"]) {
    if (shots && (await page.locator(`#${id}`).count())) await shoot(page, `${name}-${id}`, `#${id}`);
  }
  await checkMap(page);
  await checkPrint(page, name);
}

/** The page of a sizing, a comparison or uncertain inputs: a verdict, and tables or charts that have rows. */
async function checkAnswer(name, page) {
  assert.ok((await texts(page, ".verdict p")).length >= 2, "a verdict");
  for (const id of ["rests", "sources"]) assert.equal(await page.locator(`#${id} h2`).count(), 1, `section ${id}`);
  const place = page.locator("#sizing, #comparison, #uncertainty").first();
  await shoot(page, `${name}-top`);
  if (shots) await shoot(page, `${name}-answer`, `#${await place.getAttribute("id")}`);
  if ((await place.getAttribute("id")) === "uncertainty") {
    assert.ok((await place.locator("svg rect").count()) >= 2, "a tornado");
    assert.ok((await texts(page, "#rests th")).some((text) => text.startsWith("switch value")), "switch values beside what it rests on");
    return;
  }
  const rows = place.locator(".scroll").first().locator("tbody tr[data-at]");
  const all = await rows.count();
  assert.ok(all > 1, "rows");
  const second = (await rows.nth(1).innerText()).split("\t").find((text) => /[a-z]/i.test(text));
  await place.locator("input[type=search]").first().fill(second);
  const found = await rows.count();
  assert.ok(found >= 1 && found <= all, "search finds the row");
  await place.locator("input[type=search]").first().fill("");
  const heading = place.locator(".scroll").first().locator("th button").nth(1);
  await heading.click();
  assert.equal(await place.locator("th[aria-sort=descending], th[aria-sort=ascending]").count() >= 1, true, "headings sort");
  if ((await place.getAttribute("id")) === "sizing") {
    const chart = place.locator("figure svg").first();
    const box = await chart.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    assert.ok(await page.locator("#tip").isVisible(), "the frontier tells of its points");
    await page.mouse.move(2, 2);
  }
}

let failed = 0;
for (const option of options) {
  const [name, file] = option.split(/=(.*)/s);
  const bytes = statSync(file).size;
  try {
    assert.ok(bytes < BYTES_MOST, `${bytes} bytes of at most ${BYTES_MOST}`);
    // The first page of a browser pays for its start.
    await (await open(file)).close();
    const { page, wrong, ready, close } = await open(file);
    assert.ok(ready < READY_MS_MOST, `interactive after ${Math.round(ready)} ms of at most ${READY_MS_MOST}`);
    await checkKeyboard(page);
    if (name === "ten-thousand") {
      const stores = Number((await page.locator("#stores [role=status]").textContent()).replace(/[^0-9]*([0-9,]+).*/s, "$1").replace(/,/g, ""));
      assert.ok(stores >= 10_000, `${stores} stores`);
      console.log(`   ${name}: ${(await checkLag(page)).join(", ")}`);
    }
    if (await page.locator("#drill").count()) {
      assert.ok((await page.locator("#drill tbody tr[data-at]").count()) > 0, "rows of the drill");
      await shoot(page, `${name}-top`);
    } else if (name === "mall") {
      assert.ok((await page.locator("#heat svg rect").count()) > 3, "a heat map of cells");
      await shoot(page, `${name}-heat`, "#heat");
    } else if (!(await page.locator("#days").count())) await checkAnswer(name, page);
    else await checkRun(name, page);
    if (name === "hostile") {
      assert.equal(
        await page.locator("img, iframe, object, embed, base, form, script:not([type]) ~ script").count(),
        0,
        "no foreign element",
      );
      assert.ok((await page.locator("body").innerText()).includes("<script>alert('store')</script>"), "markup is shown as text");
    }
    assert.deepEqual(wrong, [], "the page does nothing it should not");
    await close();
    const dark = await open(file, { colorScheme: "dark", viewport: { width: 1280, height: 900 } });
    await shoot(dark.page, `${name}-dark`);
    assert.deepEqual(dark.wrong, []);
    await dark.close();
    const phone = await open(file, { viewport: { width: 390, height: 800 } });
    const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await shoot(phone.page, `${name}-phone`);
    assert.ok(wide <= 1, `${wide} pixels wider than a phone`);
    await phone.close();
    console.log(`ok ${name}: ${(bytes / 1e6).toFixed(2)} MB, interactive after ${Math.round(ready)} ms`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}: ${error.message}`);
    if (process.env.DEBUG) console.log(error.stack);
  }
}
await browser.close();
console.log(`${options.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
