const state = { language: navigator.language.startsWith("pl") ? "pl" : "en", result: null, error: null, picked: null };
const byId = (id) => document.getElementById(id);
const made = (tag, text, kind) => {
  const one = document.createElement(tag);
  if (text !== undefined) one.textContent = text;
  if (kind) one.className = kind;
  return one;
};

function reason(error, text) {
  if (!(error instanceof Changed)) return String(error);
  const facts = error.word === "refused" ? [error.facts[0], text[error.facts[1]]] : error.facts;
  return fill(text[error.word] || error.word, facts);
}

function drawCall(call, text) {
  const box = made("section");
  box.append(made("h2", `${text.call} ${call.folder.slice(6)}`));
  if (call.audio) {
    const player = made("audio");
    player.controls = true;
    player.src = call.url || (call.url = URL.createObjectURL(new Blob([call.audio], { type: "audio/flac" })));
    box.append(player);
  }
  const table = made("table");
  const rows = [[text.started, call.record.started_at], [text.who, call.record.number || "-"], [text.entry, call.entered.seq],
    ["SHA-256", call.entered.facts.flac_sha256 || call.entered.facts.record_sha256],
    [text.access, call.own.map((entry) => `${entry.seq}: ${entry.kind}, ${entry.at}`).join("\n")]];
  for (const [label, value] of rows) {
    const row = made("tr");
    row.append(made("th", label), made("td", String(value)));
    table.append(row);
  }
  box.append(table);
  return box;
}

function draw() {
  const text = WORDS[state.language], verdict = byId("verdict");
  document.documentElement.lang = state.language;
  byId("language").textContent = text.other;
  byId("title").textContent = text.title;
  byId("pick-label").textContent = text.pick;
  byId("limits-title").textContent = text.limitsTitle;
  byId("limits").textContent = text.limits;
  byId("steps").replaceChildren();
  byId("calls").replaceChildren();
  verdict.replaceChildren();
  verdict.className = state.error ? "bad" : state.result ? "good" : "";
  if (state.error) {
    verdict.append(made("strong", text.bad), fill(text.badWhy, [reason(state.error, text)]));
  } else if (state.result) {
    verdict.append(made("strong", text.good), fill(text.goodWhy, [state.result.box]));
    byId("steps").append(...state.result.steps.map((step) => made("li", fill(text[step.word], step.facts), step.kind)));
    byId("steps").append(made("li", `${text.box}: ${state.result.box}`, "note"));
    byId("calls").append(...state.result.calls.map((call) => drawCall(call, text)));
  } else verdict.append(text.working);
  byId("picked").textContent = state.picked ? fill(text[state.picked.word], state.picked.facts) : "";
}

async function pick(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const zip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (zip) {
    try {
      state.result = await check(unzipped(bytes), false);
      state.error = null;
    } catch (error) {
      state.error = error;
    }
    state.picked = null;
  } else {
    const digest = hex(sha256(bytes));
    const found = state.result ? [...state.result.digests].find(([, one]) => one === digest) : null;
    state.picked = found ? { word: "same", facts: [file.name, found[0]] } : { word: "differs", facts: [file.name] };
  }
  draw();
}

async function start() {
  try {
    const held = JSON.parse(byId("files").textContent);
    const files = new Map(Object.entries(held).map(([name, text]) => [name, text === null ? null : unbase64(text)]));
    state.result = await check(files, true);
  } catch (error) {
    state.error = error;
  }
  draw();
}

byId("language").addEventListener("click", () => {
  state.language = state.language === "pl" ? "en" : "pl";
  draw();
});
byId("pick").addEventListener("change", (event) => {
  if (event.target.files[0]) pick(event.target.files[0]);
  event.target.value = ""; // so that the same name, changed meanwhile, can be chosen again
});
draw();
setTimeout(start, 0);
