const WORDS = {
  pl: {
    other: "English", title: "Sprawdzenie nagrania", good: "Niezmienione", bad: "ZMIENIONE",
    goodWhy: "Wszystkie pliki są takie, jakie zapisało i podpisało urządzenie {0}.",
    badWhy: "Paczka nie jest taka, jaką wydało urządzenie. Powód: {0}",
    working: "Sprawdzam…",
    files: "{0} plików zgadza się z podpisaną listą.", signature: "Podpisy urządzenia są ważne.",
    entries: "{0} wpisów stoi w dzienniku liczącym {1} wpisów.",
    calls: "Nagranie i opis każdej rozmowy są tymi, które wpisano do dziennika.",
    growth: "Dziennik z chwili znacznika czasu jest początkiem tego dziennika.",
    stamp: "Znacznik czasu {0} dotyczy tego dziennika. Podpis urzędu ({1}) sprawdza verify.sh.",
    noStamp: "Brak znacznika czasu spoza urządzenia.",
    left: "Nagrania są za duże dla tej strony: wskaż niżej plik ZIP.",
    pick: "Sprawdź plik z dysku: paczkę ZIP albo pojedyncze nagranie",
    same: "{0}: taki sam jak w paczce ({1}).", differs: "{0}: NIE jest to żaden plik z tej paczki.",
    call: "Rozmowa", started: "Początek (zegar urządzenia)", who: "Numer", entry: "Wpis",
    box: "Odcisk klucza urządzenia: porównaj z wydrukiem właściciela", access: "Co się działo",
    limitsTitle: "Czego to nie dowodzi",
    limits: "Kto mówi, czy mówi prawdę, czy zegar urządzenia szedł dobrze i czy wolno było " +
      "nagrywać. Strona jest częścią paczki: kto podrobiłby całą paczkę, podrobiłby i ją. " +
      "Dlatego porównaj odcisk klucza, a w sporze użyj verify.sh.",
    missing: "brakuje pliku {0}.", changed: "plik {0} został zmieniony.",
    added: "plik {0} został dodany.", list: "lista plików {0} została zmieniona.",
    key: "klucz urządzenia jest uszkodzony.", sig: "podpis pod {0} nie jest podpisem tego klucza.",
    otherBox: "dziennik jest z innego urządzenia.", head: "stan dziennika jest nieczytelny.",
    proof: "wpis {0} nie stoi w podpisanym dzienniku.", record: "rozmowa {0} nie jest w dzienniku.",
    swapped: "nagranie rozmowy {0} zostało podmienione.", logged: "lista zdarzeń jest niepełna.",
    old: "dziennik ze znacznika czasu {0} nie jest początkiem tego dziennika.",
    stamps: "znaczniki czasu nie są tymi, które wydało urządzenie.",
    foreign: "znacznik czasu {0} dotyczy innego tekstu.", future: "data {0} leży w przyszłości.",
    zip: "to nie jest nienaruszona paczka ZIP.",
  },
  en: {
    other: "Polski", title: "Check of a recording", good: "Unchanged", bad: "CHANGED",
    goodWhy: "All files are as the box {0} stored and signed them.",
    badWhy: "The bundle is not as the box handed it out. Reason: {0}",
    working: "Checking…",
    files: "{0} files agree with the signed list.", signature: "The box's signatures are valid.",
    entries: "{0} entries stand in the log of {1} entries.",
    calls: "The recording and the record of every call are those entered in the log.",
    growth: "The log of the time-stamp is the beginning of this log.",
    stamp: "The time-stamp {0} is over this log. verify.sh checks the authority's signature ({1}).",
    noStamp: "There is no time-stamp from outside the box.",
    left: "The recordings are too large for this page: give it the ZIP below.",
    pick: "Check a file of your disk: the ZIP, or one recording",
    same: "{0}: the same as in the bundle ({1}).", differs: "{0}: this is NOT a file of this bundle.",
    call: "Call", started: "Began (the box's clock)", who: "Number", entry: "Entry",
    box: "Fingerprint of the box's key: compare it with the owner's printed sheet",
    access: "What happened to it", limitsTitle: "What this does not prove",
    limits: "Who is speaking, whether it is true, whether the box's clock was right, and whether " +
      "the recording was allowed. The page is a part of the bundle: whoever forged the whole " +
      "bundle would forge it too. So compare the fingerprint, and in a dispute use verify.sh.",
    missing: "{0} is missing.", changed: "{0} was changed.", added: "{0} was added.",
    list: "the list {0} was changed.", key: "the box's key is damaged.",
    sig: "the signature of {0} is not of this key.", otherBox: "the log is of another box.",
    head: "the log's summary cannot be read.", proof: "entry {0} does not stand in the signed log.",
    record: "call {0} is not in the log.", swapped: "the recording of call {0} was swapped.",
    logged: "the list of what happened is not complete.",
    old: "the log of the time-stamp {0} is not the beginning of this log.",
    stamps: "the time-stamps are not those that the box handed out.",
    foreign: "the time-stamp {0} is over another text.", future: "the date {0} is in the future.",
    zip: "this is not an intact ZIP bundle.",
  },
};

class Changed extends Error {
  constructor(word, ...facts) { super(word); this.word = word; this.facts = facts; }
}
const fill = (text, facts) => text.replace(/\{(\d)\}/g, (_, i) => String(facts[i]));
const ascii = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const utf8 = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
const joined = (...parts) => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => { all.set(part, at); return at + part.length; }, 0);
  return all;
};
const unbase64 = (text) => {
  const raw = atob(text), out = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
  return out;
};

const UNLISTED = ["SHA256SUMS", "SHA256SUMS.sig", "PAGE.sha256", "PAGE.sha256.sig", "verify.html"];

function parsedHead(text) {
  const read = /^tipring log head 1\nbox ([0-9a-f]{32})\nsize (0|[1-9]\d{0,14})\nroot ([0-9a-f]{64})\ntime (\S{24})\n$/.exec(ascii(text));
  if (!read) throw new Changed("head");
  return { box: read[1], size: Number(read[2]), root: unhex(read[3]), time: read[4] };
}

function parsedProof(text, kind, name) {
  const read = /^tipring (inclusion|consistency) proof 1\n(?:entry|old) (\d+)\nsize (\d+)\n((?:[0-9a-f]{64}\n)*)$/.exec(ascii(text));
  if (!read || read[1] !== kind) throw new Changed("changed", name);
  return { at: Number(read[2]), size: Number(read[3]), path: (read[4].match(/[0-9a-f]{64}/g) || []).map(unhex) };
}

const node = (left, right) => sha256(joined(Uint8Array.of(1), left, right));
const half = (x) => Math.floor(x / 2);

// RFC 9162, section 2.1.3.2.
function includes(leaf, index, size, path, root) {
  if (index >= size) return false;
  let inner = index, last = size - 1, found = leaf;
  for (const step of path) {
    if (last === 0) return false;
    if (inner % 2 || inner === last) {
      found = node(step, found);
      while (inner % 2 === 0 && inner) { inner = half(inner); last = half(last); }
    } else found = node(found, step);
    inner = half(inner);
    last = half(last);
  }
  return last === 0 && equal(found, root);
}

// RFC 9162, section 2.1.4.2.
function growsTo(old, size, path, oldRoot, root) {
  if (old < 1 || old > size) return false;
  if (old === size) return path.length === 0 && equal(oldRoot, root);
  const steps = Number.isInteger(Math.log2(old)) ? [oldRoot, ...path] : [...path];
  if (!steps.length) return false;
  let inner = old - 1, last = size - 1;
  while (inner % 2) { inner = half(inner); last = half(last); }
  let first = steps[0], second = steps[0];
  for (const step of steps.slice(1)) {
    if (last === 0) return false;
    if (inner % 2 || inner === last) {
      first = node(step, first);
      second = node(step, second);
      while (inner % 2 === 0 && inner) { inner = half(inner); last = half(last); }
    } else second = node(second, step);
    inner = half(inner);
    last = half(last);
  }
  return last === 0 && equal(first, oldRoot) && equal(second, root);
}

function listed(files, name) {
  const found = new Map();
  const text = ascii(files.get(name));
  for (const line of text.split("\n").slice(0, -1)) {
    const read = /^([0-9a-f]{64}) {2}([A-Za-z0-9._/-]+)$/.exec(line);
    if (!read || found.has(read[2])) throw new Changed("list", name);
    found.set(read[2], read[1]);
  }
  if (!text.endsWith("\n")) throw new Changed("list", name);
  return found;
}

// The raw key is the last 32 bytes of the SubjectPublicKeyInfo (RFC 8410).
function publicKey(files) {
  const read = /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=\n]+)\n-----END PUBLIC KEY-----\n$/.exec(ascii(files.get("box.pem")));
  const der = read ? unbase64(read[1].replace(/\n/g, "")) : new Uint8Array(0);
  if (hex(der.subarray(0, 12)) !== "302a300506032b6570032100" || der.length !== 44) throw new Changed("key");
  return { raw: der.subarray(12), box: hex(sha256(der)).slice(0, 32) };
}

function signedHead(files, base, key) {
  const head = parsedHead(files.get(`${base}/head.txt`));
  if (head.box !== key.box) throw new Changed("otherBox");
  if (!ed25519Verify(files.get(`${base}/head.sig`), files.get(`${base}/head.txt`), key.raw)) throw new Changed("sig", `${base}/head.txt`);
  return head;
}

// `files`: a Map of names to bytes, null for what the page does not hold. `self`: whether it is this
// page that is checked, which cannot hold itself.
function check(files, self) {
  const steps = [], notes = [];
  const said = (word, ...facts) => steps.push({ kind: "good", word, facts });
  for (const name of ["SHA256SUMS", "SHA256SUMS.sig", "box.pem", "log/head.txt", "log/head.sig"]) {
    if (!files.get(name)) throw new Changed("missing", name);
  }
  const sums = listed(files, "SHA256SUMS"), digests = new Map();
  let leftOut = false;
  for (const [name, wanted] of sums) {
    if (!files.has(name)) throw new Changed("missing", name);
    const bytes = files.get(name);
    if (bytes === null) { leftOut = true; digests.set(name, wanted); continue; }
    digests.set(name, hex(sha256(bytes)));
    if (digests.get(name) !== wanted) throw new Changed("changed", name);
  }
  for (const name of files.keys()) {
    if (!sums.has(name) && !UNLISTED.includes(name)) throw new Changed("added", name);
  }
  said("files", sums.size);
  const key = publicKey(files);
  if (!ed25519Verify(files.get("SHA256SUMS.sig"), files.get("SHA256SUMS"), key.raw)) throw new Changed("sig", "SHA256SUMS");
  if (!self) {
    for (const name of UNLISTED) if (!files.get(name)) throw new Changed("missing", name);
    const page = listed(files, "PAGE.sha256");
    if (page.size !== 1 || page.get("verify.html") !== hex(sha256(files.get("verify.html")))) throw new Changed("changed", "verify.html");
    if (!ed25519Verify(files.get("PAGE.sha256.sig"), files.get("PAGE.sha256"), key.raw)) throw new Changed("sig", "PAGE.sha256");
  }
  const head = signedHead(files, "log", key);
  said("signature");

  const entries = [], soon = Date.now() + 86400000;
  for (const name of [...files.keys()].filter((one) => /^log\/entry-\d{12}\.json$/.test(one)).sort()) {
    const bytes = files.get(name), entry = JSON.parse(ascii(bytes)), number_ = Number(name.slice(10, 22));
    const proofName = name.replace(".json", ".proof");
    if (!files.get(proofName)) throw new Changed("missing", proofName);
    const proof = parsedProof(files.get(proofName), "inclusion", proofName);
    const leaf = sha256(joined(Uint8Array.of(0), bytes));
    if (entry.seq !== number_ || proof.at !== number_ || proof.size !== head.size ||
        !includes(leaf, number_, head.size, proof.path, head.root)) throw new Changed("proof", number_);
    if (entry.box !== key.box) throw new Changed("otherBox");
    if (Date.parse(entry.at) > soon) throw new Changed("future", entry.at.slice(0, 10));
    entries.push(entry);
  }
  if (Date.parse(head.time) > soon) throw new Changed("future", head.time.slice(0, 10));
  said("entries", entries.length, head.size);

  const stamps = {};
  for (const name of [...files.keys()].filter((one) => /^stamps\/\d{12}\/token\.tsr$/.test(one)).sort()) {
    const base = name.replace("/token.tsr", "");
    const parts = ["token.tsr", "chain.pem", "crl.pem"].map((one) => files.get(`${base}/${one}`)).filter((one) => one);
    stamps[base.slice(7)] = hex(sha256(joined(...parts)));
  }
  const calls = [];
  for (let i = 1; files.has(`calls/${String(i).padStart(3, "0")}/record.json`); i++) {
    const folder = `calls/${String(i).padStart(3, "0")}`;
    const entered = entries.filter((entry) => ["recorded", "not-recorded"].includes(entry.kind) &&
      entry.facts.record_sha256 === digests.get(`${folder}/record.json`)).pop();
    if (!entered) throw new Changed("record", i);
    if (entered.facts.flac_sha256 !== digests.get(`${folder}/recording.flac`) &&
        (entered.facts.flac_sha256 || digests.has(`${folder}/recording.flac`))) throw new Changed("swapped", i);
    const further = [...digests.keys()].filter((one) => one.startsWith(`${folder}/recording-`));
    const listed = Object.keys(entered.facts).filter((one) => one.startsWith("flac_sha256_"));
    if (further.length !== listed.length || !listed.every((one) =>
      entered.facts[one] === digests.get(`${folder}/recording-${one.slice(12)}.flac`))) throw new Changed("swapped", i);
    const own = entries.filter((entry) => entry.call === entered.call), last = own[own.length - 1];
    const before = own.slice(0, -1).map((entry) => entry.seq);
    if (last.kind !== "exported" || JSON.stringify(last.facts.entries) !== JSON.stringify(before)) throw new Changed("logged");
    if (JSON.stringify(last.facts.stamps) !== JSON.stringify(stamps)) throw new Changed("stamps");
    for (const name of ["marks", "later", "transcript"]) {
      if (last.facts[`${name}_sha256`] !== digests.get(`${folder}/${name}.json`)) throw new Changed("changed", `${folder}/${name}.json`);
    }
    const record = JSON.parse(utf8(files.get(`${folder}/record.json`)));
    if (record.id !== entered.call) throw new Changed("record", i);
    calls.push({ folder, record, entered, own, audio: files.get(`${folder}/recording.flac`) });
  }
  const known = calls.map((call) => call.entered.call);
  if (!calls.length || new Set(known).size !== known.length || entries.some((entry) => !known.includes(entry.call))) throw new Changed("logged");
  said("calls");

  for (const name of [...files.keys()].filter((one) => /^stamps\/\d{12}\/head\.txt$/.test(one)).sort()) {
    const base = name.replace("/head.txt", ""), size = Number(base.slice(7)), old = signedHead(files, base, key);
    const proof = parsedProof(files.get(`${base}/growth.proof`) || new Uint8Array(0), "consistency", `${base}/growth.proof`);
    if (old.size !== size || proof.at !== size || proof.size !== head.size ||
        !growsTo(size, head.size, proof.path, old.root, head.root)) throw new Changed("old", size);
    said("growth");
    const token = ascii(files.get(`${base}/token.tsr`) || new Uint8Array(0));
    if (!token.includes(ascii(sha256(files.get(`${base}/head.txt`))))) throw new Changed("foreign", size);
    const time = /\x18[\x0f-\x17](\d{14})(?:\.\d+)?Z/.exec(token);
    const shown = time ? time[1].replace(/(....)(..)(..)(..)(..)(..)/, "$1-$2-$3 $4:$5:$6 UTC") : "?";
    notes.push({ kind: "note", word: "stamp", facts: [shown, "openssl"] });
  }
  if (!notes.length) notes.push({ kind: "note", word: "noStamp", facts: [] });
  if (leftOut) notes.push({ kind: "note", word: "left", facts: [] });
  return { box: key.box, steps: [...steps, ...notes], calls, digests, leftOut };
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});
const crc32 = (bytes) => {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
};

// A stored zip as the box writes it: the members are read in their order, the zip is written anew
// from them, and every byte has to be the same.
function unzipped(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), files = new Map();
  const headers = [], directory = [];
  const letters = (text) => Uint8Array.from(text, (one) => one.charCodeAt(0));
  const numbers = (...pairs) => joined(...pairs.map(([size, value]) =>
    Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff)));
  let at = 0;
  while (at + 30 < bytes.length && view.getUint32(at, true) === 0x04034b50) {
    const size = view.getUint32(at + 18, true), length = view.getUint16(at + 26, true);
    const name = ascii(bytes.subarray(at + 30, at + 30 + length)), begin = at + 30 + length;
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*){0,3}$/.test(name)) throw new Changed("zip");
    if (files.has(name) || begin + size > bytes.length) throw new Changed("zip");
    const data = bytes.subarray(begin, begin + size);
    const common = numbers([2, 20], [2, 0], [2, 0], [2, 0], [2, 0x21], [4, crc32(data)], [4, size], [4, size], [2, length], [2, 0]);
    const mode = name.endsWith(".sh") ? 0o100755 : 0o100644;
    headers.push([at, joined(letters("PK\x03\x04"), common, letters(name))]);
    directory.push(letters("PK\x01\x02"), numbers([2, 0x031e]), common,
      numbers([2, 0], [2, 0], [2, 0], [4, mode * 65536], [4, at]), letters(name));
    files.set(name, data);
    at = begin + size;
  }
  const whole = joined(...directory);
  const end = joined(whole, letters("PK\x05\x06"), numbers([2, 0], [2, 0], [2, files.size], [2, files.size], [4, whole.length], [4, at], [2, 0]));
  const names = [...files.keys()];
  if (!equal(bytes.subarray(at), end) || !equal(names, [...names].sort())) throw new Changed("zip");
  for (const [place, header] of headers) {
    if (!equal(bytes.subarray(place, place + header.length), header)) throw new Changed("zip");
  }
  return files;
}

const state = { language: navigator.language.startsWith("pl") ? "pl" : "en", result: null, error: null, picked: null };
const byId = (id) => document.getElementById(id);
const made = (tag, text, kind) => {
  const one = document.createElement(tag);
  if (text !== undefined) one.textContent = text;
  if (kind) one.className = kind;
  return one;
};

function reason(error, text) {
  return error instanceof Changed ? fill(text[error.word] || error.word, error.facts) : String(error);
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
      state.result = check(unzipped(bytes), false);
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

function start() {
  try {
    const held = JSON.parse(byId("files").textContent);
    const files = new Map(Object.entries(held).map(([name, text]) => [name, text === null ? null : unbase64(text)]));
    state.result = check(files, true);
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
