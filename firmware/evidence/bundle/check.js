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

const utc = (time) => `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;

// One time-stamp: its signature where the browser has cryptography for this page, what can be seen
// of it otherwise.
async function stamped(files, base, size, soon, said, notes) {
  const token = files.get(`${base}/token.tsr`) || new Uint8Array(0), text = files.get(`${base}/head.txt`);
  if (!globalThis.crypto?.subtle) {
    if (!ascii(token).includes(ascii(sha256(text)))) throw new Changed("refused", size, "foreign");
    const time = /\x18[\x0f-\x17](\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z/.exec(ascii(token));
    notes.push({ kind: "note", word: "unchecked", facts: [time ? `${time[1]}-${time[2]}-${time[3]}` : "?"] });
    return;
  }
  const pem = ["chain", "crl"].map((name) => ascii(files.get(`${base}/${name}.pem`) || []));
  let stamp;
  try {
    stamp = await checkStamp(token, text, ...pem);
  } catch (error) {
    throw new Changed("refused", size, error instanceof StampRefused ? error.word : "unreadable");
  }
  if (stamp.time > soon) throw new Changed("future", utc(stamp.time).slice(0, 10));
  said("stamp", utc(stamp.time), stamp.by, stamp.root);
}

// `files`: a Map of names to bytes, null for what the page does not hold. `self`: whether it is this
// page that is checked, which cannot hold itself.
async function check(files, self) {
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
    await stamped(files, base, size, soon, said, notes);
  }
  if (!Object.keys(stamps).length) notes.push({ kind: "note", word: "noStamp", facts: [] });
  if (leftOut) notes.push({ kind: "note", word: "left", facts: [] });
  return { box: key.box, steps: [...steps, ...notes], calls, digests, leftOut };
}
