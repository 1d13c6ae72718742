// The running call, heard now: blocks are played one after the other, never half a second late.
const EARLY_S = 0.12; // what the network may be late by without a gap
const LATEST_S = 0.35; // more than this in hand is dropped, or the delay would grow
const BLOCK = 640; // samples, 80 ms
const HEADER = 44;
let playing = null;

export function stopListening() {
  playing?.stop();
}

export function toggleListening(button) {
  if (playing) playing.stop();
  else listen(button);
}

async function listen(button) {
  const words = button.querySelector("span");
  const before = words.textContent;
  const context = new AudioContext({ latencyHint: "interactive" });
  const asked = new AbortController();
  playing = {
    stop() {
      playing = null;
      asked.abort();
      context.close();
      words.textContent = before;
      button.classList.remove("on");
    },
  };
  const mine = playing;
  words.textContent = button.dataset.stop;
  button.classList.add("on");
  try {
    const answer = await fetch(button.href, { signal: asked.signal });
    if (!answer.ok) throw new Error((await answer.json()).error);
    await play(answer.body.getReader(), context);
  } catch (error) {
    if (error.name !== "AbortError" && playing === mine) alertLine(error.message);
  }
  if (playing === mine) mine.stop();
}

function alertLine(words) {
  document.getElementById("line-words").textContent = words;
}

async function play(reader, context) {
  let held = new Uint8Array(0);
  let rate = 0;
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const joined = new Uint8Array(held.length + value.length);
    joined.set(held);
    joined.set(value, held.length);
    held = joined;
    if (!rate) {
      if (held.length < HEADER) continue;
      rate = new DataView(held.buffer).getUint32(24, true);
      held = held.slice(HEADER);
    }
    const count = held.length >> 1;
    if (count < BLOCK) continue;
    at = schedule(context, new DataView(held.buffer, held.byteOffset, count * 2), rate, at);
    held = held.slice(count * 2);
  }
}

function schedule(context, bytes, rate, at) {
  const count = bytes.byteLength / 2;
  const now = context.currentTime;
  if (at > now + LATEST_S) return at;
  const buffer = context.createBuffer(1, count, rate);
  const samples = buffer.getChannelData(0);
  for (let one = 0; one < count; one += 1) samples[one] = bytes.getInt16(one * 2, true) / 32768;
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  const start = at < now + 0.01 ? now + EARLY_S : at;
  source.start(start);
  return start + count / rate;
}
