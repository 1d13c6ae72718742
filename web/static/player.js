// The one player. The box makes the waveform and finds the silences; nothing is decoded here.
import { louder } from "./sound.js";

const STEP = 10;
const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
const id = (name) => document.getElementById(name);
let bar, audio, wave, call, dragging, wanted;
const chosen = { speed: 1, skip: false, boost: false };

const clock = (seconds) => {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};

function remember() {
  try {
    localStorage.setItem("player", JSON.stringify(chosen));
  } catch { /* a private window remembers nothing */ }
}

function recall() {
  try {
    Object.assign(chosen, JSON.parse(localStorage.getItem("player")));
  } catch { /* nothing, or nothing of ours */ }
  if (!SPEEDS.includes(chosen.speed)) chosen.speed = 1;
}

function say(words) {
  id("player-trouble").textContent = words;
  id("player-trouble").hidden = !words;
}

function failed() {
  say([...(call?.trouble ?? []), bar.dataset.failed].join(" "));
}

export async function open(address, place = null) {
  bar.hidden = false;
  document.body.classList.add("playing");
  if (call?.address === address) {
    if (place !== null) seek(place * call.length);
    play();
    return;
  }
  wanted = address;
  audio.pause();
  say(bar.dataset.waiting);
  const answer = await fetch(address).catch(() => null);
  const found = await answer?.json().catch(() => null);
  if (wanted !== address) return;
  if (!answer?.ok) {
    say(found?.error ?? bar.dataset.failed);
    return;
  }
  call = { ...found, address };
  audio.src = call.src;
  audio.defaultPlaybackRate = audio.playbackRate = chosen.speed;
  if (place) audio.currentTime = place * call.length;
  paint();
  play();
}

function play() {
  louder(audio, chosen.boost);
  audio.play().catch((error) => {
    if (error.name !== "AbortError") failed();
  });
}

function paint() {
  id("player-title").textContent = call.title;
  id("player-title").href = call.page;
  id("player-when").textContent = call.subtitle;
  id("player-length").textContent = clock(call.length);
  say(call.trouble.join(" "));
  const svg = wave.querySelector("svg");
  svg.setAttribute("viewBox", `0 0 ${call.bars || 1} 32`);
  for (const path of svg.children) path.setAttribute("d", call.wave);
  wave.setAttribute("aria-valuemax", Math.round(call.length));
  wave.querySelector(".marks").replaceChildren(
    ...call.marks.filter(({ place }) => place !== null).map(({ place, kind }) => {
      const pin = document.createElement("i");
      pin.className = kind;
      pin.style.left = `${place * 100}%`;
      return pin;
    }),
  );
  bar.querySelector("[data-do=next]").disabled = !call.next;
  if ("mediaSession" in navigator) {
    navigator.mediaSession.metadata = new MediaMetadata({ title: call.title, artist: call.subtitle, album: "Tipring" });
  }
  move();
}

function move(at = audio.currentTime) {
  if (!call) return;
  const percent = `${call.length ? Math.min(100, (at / call.length) * 100) : 0}%`;
  wave.style.setProperty("--at", percent);
  wave.setAttribute("aria-valuenow", Math.round(at));
  wave.setAttribute("aria-valuetext", `${clock(at)} / ${clock(call.length)}`);
  id("player-at").textContent = clock(at);
  const here = document.querySelector(`.page-wave[data-id="${CSS.escape(call.id)}"]`);
  if (here) {
    here.style.setProperty("--at", percent);
    here.querySelector(".head").hidden = false;
  }
}

function seek(seconds) {
  if (!call) return;
  audio.currentTime = Math.min(Math.max(0, seconds), Math.max(0, call.length - 0.05));
  move();
}

function skipSilence() {
  if (!chosen.skip || !call || audio.paused) return;
  const at = audio.currentTime;
  const silence = call.silences.find(([from, to]) => at > from + 0.3 && at < to - 0.6);
  if (silence) seek(silence[1] - 0.3);
}

function setSpeed(speed) {
  chosen.speed = speed;
  audio.defaultPlaybackRate = audio.playbackRate = speed;
  id("player-speed").value = String(speed);
  remember();
}

function toggle(name) {
  chosen[name] = !chosen[name];
  bar.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", chosen[name]);
  if (name === "boost") louder(audio, chosen.boost);
  remember();
}

function faster(step) {
  const at = SPEEDS.indexOf(chosen.speed) + step;
  if (SPEEDS[at]) setSpeed(SPEEDS[at]);
}

function close() {
  wanted = call = null;
  audio.pause();
  audio.removeAttribute("src");
  audio.load();
  bar.hidden = true;
  document.body.classList.remove("playing");
}

const actions = {
  toggle: () => (audio.paused ? play() : audio.pause()),
  back: () => seek(audio.currentTime - STEP),
  forward: () => seek(audio.currentTime + STEP),
  next: () => call?.next && open(call.next),
  skip: () => toggle("skip"),
  boost: () => toggle("boost"),
  faster: () => faster(1),
  slower: () => faster(-1),
  close,
};
const KEYS = {
  " ": "toggle", k: "toggle", j: "back", l: "forward", ArrowLeft: "back", ArrowRight: "forward",
  n: "next", s: "skip", b: "boost", ">": "faster", "<": "slower", Escape: "close",
};

function onKey(event) {
  if (!call || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  if (event.key === " " && event.target.closest("button, a, summary")) return;
  const action = KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  actions[action]();
}

function onDrag(event) {
  if (!call || event.button) return;
  const box = wave.getBoundingClientRect();
  const at = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * call.length;
  if (event.type === "pointerdown") {
    dragging = true;
    wave.setPointerCapture(event.pointerId);
  }
  if (!dragging) return;
  move(at);
  if (event.type === "pointerup") {
    dragging = false;
    seek(at);
  }
}

function showPlaying() {
  const button = bar.querySelector("[data-do=toggle]");
  button.querySelector("use").setAttribute("href", audio.paused ? "#i-play" : "#i-pause");
  button.setAttribute("aria-label", audio.paused ? bar.dataset.play : bar.dataset.pause);
}

export function startPlayer() {
  [bar, audio, wave] = [id("player"), id("player-audio"), id("player-wave")];
  recall();
  setSpeed(chosen.speed);
  for (const name of ["skip", "boost"]) {
    bar.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", chosen[name]);
  }
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) actions[button.dataset.do]();
  });
  id("player-speed").addEventListener("change", ({ target }) => setSpeed(Number(target.value)));
  for (const kind of ["pointerdown", "pointermove", "pointerup"]) wave.addEventListener(kind, onDrag);
  wave.addEventListener("pointercancel", () => (dragging = false));
  audio.addEventListener("timeupdate", () => {
    if (!dragging) move();
    skipSilence();
  });
  for (const kind of ["play", "pause", "ended"]) audio.addEventListener(kind, showPlaying);
  audio.addEventListener("playing", () => say(call?.trouble.join(" ") ?? ""));
  audio.addEventListener("error", () => call && failed());
  document.addEventListener("keydown", onKey);
  document.addEventListener("shown", () => move());
  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-play]");
    if (!asked || asked === bar || event.button || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    let place = asked.dataset.place ? Number(asked.dataset.place) : null;
    if (asked.matches(".wave")) {
      const box = asked.getBoundingClientRect();
      place = (event.clientX - box.left) / box.width;
    }
    open(asked.dataset.play, place);
  }, true);
  if ("mediaSession" in navigator) {
    const { back, forward, next } = actions;
    const media = { play, pause: () => audio.pause(), seekbackward: back, seekforward: forward, nexttrack: next };
    for (const [name, action] of Object.entries(media)) navigator.mediaSession.setActionHandler(name, action);
    navigator.mediaSession.setActionHandler("seekto", ({ seekTime }) => seek(seekTime));
  }
}
