// The line on every page: told by the box as it changes; asked for where too many pages follow it.
import { show } from "./browse.js";
import { stopListening, toggleListening } from "./listen.js";

const ASK_MS = 5000;
const TRY_STREAM_MS = 60000;
const id = (name) => document.getElementById(name);
let stream, asking, begun, ticking, following;

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return minutes < 60 ? `${minutes}:${rest}`
    : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
};

function tick() {
  id("line-clock").textContent = begun ? clock((performance.now() - begun) / 1000) : "";
}

function paint(line) {
  const section = id("line");
  section.className = `line ${line.state}`;
  const words = line.words.replace(/(?<=[\d)]) (?=[\d(])/g, "\u00a0"); // a number stays in one line
  if (id("line-words").textContent !== words) id("line-words").textContent = words;
  id("running").hidden = !line.recording;
  if (id("monitor-state")) id("monitor-state").textContent = line.words;
  begun = line.state === "incall" && line.since_s !== null ? performance.now() - line.since_s * 1000 : null;
  if (!line.recording) {
    id("line-level").hidden = true;
    stopListening();
  }
  clearInterval(ticking);
  if (begun) ticking = setInterval(tick, 1000);
  tick();
  const alarms = line.ok ? line.alarms : [section.dataset.silent];
  const shown = [...id("alarms").querySelectorAll(".alarm")].map((one) => one.textContent.trim());
  if (alarms.join("\n") === shown.join("\n") || (!line.ok && shown.length)) return;
  id("alarms").querySelectorAll(".alarm").forEach((one) => one.remove());
  for (const words of alarms) {
    const alarm = document.createElement("p");
    alarm.className = "alarm";
    alarm.textContent = words;
    id("alarms").append(alarm);
  }
}

let lowest = Infinity;
let highest = -Infinity;

function level({ dbm0 }) {
  id("line-level").hidden = id("running").hidden;
  id("line-level").value = dbm0;
  if (!id("monitor-level")) return;
  lowest = Math.min(lowest, dbm0);
  highest = Math.max(highest, dbm0);
  if (id("monitor-meter")) id("monitor-meter").value = dbm0;
  put({ level: dbm0, low: lowest, high: highest }, "dBm0");
}

const one = new Intl.NumberFormat(document.documentElement.lang,
  { minimumFractionDigits: 1, maximumFractionDigits: 1 });

function put(values, unit) {
  for (const [name, value] of Object.entries(values)) {
    const place = id(`monitor-${name}`);
    if (place && value !== null) place.textContent = `${one.format(value)} ${unit}`;
  }
}

function volts(told) {
  put({ volts: told.line_volts, lowest: told.line_lowest_volts, highest: told.line_highest_volts,
    idle: told.line_idle_volts, threshold: told.line_threshold_volts }, "V");
}

async function wizard() {
  if (!document.querySelector("[data-wizard]")) return;
  const before = document.querySelector("[aria-current=step]")?.dataset.step;
  await show(location.href, { push: false, keep: true });
  const now = document.querySelector("[aria-current=step]");
  if (now && now.dataset.step !== before) now.scrollIntoView({ block: "center" });
}

function refresh() {
  wizard();
  const list = location.pathname === "/start"
    || (location.pathname === "/" && !/[?&](before|after|select)=/.test(location.search));
  if (list && scrollY < 400 && !document.activeElement?.matches("input, textarea, select")) {
    show(location.href, { push: false, keep: true });
  }
}

async function ask() {
  const answer = await fetch(id("line").dataset.state).catch(() => null);
  const line = await answer?.json().catch(() => null);
  if (answer?.status === 401) location.reload();
  if (line?.state) paint(line);
}

function follow() {
  stop();
  following = Boolean(id("monitor-level"));
  stream = new EventSource(id("line").dataset.events + (following ? "?level=1" : ""));
  stream.addEventListener("state", ({ data }) => paint(JSON.parse(data)));
  stream.addEventListener("level", ({ data }) => level(JSON.parse(data)));
  stream.addEventListener("volts", ({ data }) => volts(JSON.parse(data)));
  stream.addEventListener("wizard", wizard);
  for (const kind of ["call", "missed", "flagged"]) stream.addEventListener(kind, refresh);
  stream.addEventListener("error", () => {
    if (stream?.readyState !== EventSource.CLOSED) return; // it comes again by itself
    stop();
    ask();
    asking = setInterval(ask, ASK_MS);
    setTimeout(() => asking && follow(), TRY_STREAM_MS);
  });
}

function stop() {
  stream?.close();
  clearInterval(asking);
  stream = asking = null;
}

export function followLine() {
  const look = () => (document.hidden ? stop() : follow());
  document.addEventListener("visibilitychange", look); // a browser has few connections to one box
  addEventListener("pagehide", stop);
  look();
  document.addEventListener("shown", () => {
    if (following !== Boolean(id("monitor-level"))) look();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-listen]");
    if (!button) return;
    event.preventDefault();
    toggleListening(button);
  });
}
