// A time-stamp token (RFC 3161) checked by the browser's own cryptography: the signature of the
// authority, its certificate and chain at the token's time, and the lists of revoked certificates.
// Whether the authority deserves trust, the reader decides by its root's name.
class StampRefused extends Error {
  constructor(word) { super(word); this.word = word; }
}
const refuse = (when, word) => { if (when) throw new StampRefused(word); };

// DER (X.690): one element at `at`; definite lengths of the shortest form only.
function der(bytes, at = 0) {
  let size = bytes[at + 1], begin = at + 2;
  refuse(size === undefined || (bytes[at] & 0x1f) === 0x1f, "unreadable");
  if (size & 0x80) {
    const count = size & 0x7f;
    refuse(count < 1 || count > 3 || begin + count > bytes.length, "unreadable");
    size = 0;
    for (let i = 0; i < count; i++) size = size * 256 + bytes[begin++];
    refuse(size < 128 || (count > 1 && size < 256 ** (count - 1)), "unreadable");
  }
  refuse(begin + size > bytes.length, "unreadable");
  return { tag: bytes[at], body: bytes.subarray(begin, begin + size), all: bytes.subarray(at, begin + size) };
}
function parts(one, tag = 0x30) {
  refuse(!one || one.tag !== tag, "unreadable");
  const found = [];
  for (let at = 0; at < one.body.length;) {
    const part = der(one.body, at);
    found.push(part);
    at += part.all.length;
  }
  return found;
}
const whole = (bytes) => {
  const one = der(bytes);
  refuse(one.all.length !== bytes.length, "unreadable");
  return one;
};
const alike = (one, two) => Boolean(one && two) && equal(one.all, two.all);
const oid = (one) => {
  refuse(!one || one.tag !== 6, "unreadable");
  return hex(one.body);
};
const OID = {
  signedData: "2a864886f70d010702", tstInfo: "2a864886f70d0109100104", contentType: "2a864886f70d010903",
  messageDigest: "2a864886f70d010904", certificate: "2a864886f70d010910020c", certificateV2: "2a864886f70d010910022f",
  rsa: "2a864886f70d010101", ec: "2a8648ce3d0201", usage: "551d25", basic: "551d13", stamping: "2b06010505070308",
};
const HASHES = { "608648016503040201": "SHA-256", "608648016503040202": "SHA-384", "608648016503040203": "SHA-512" };
const SIGNED = { // the hash that a signature's algorithm names; null: the one named beside it
  "2a864886f70d01010b": "SHA-256", "2a864886f70d01010c": "SHA-384", "2a864886f70d01010d": "SHA-512",
  "2a8648ce3d040302": "SHA-256", "2a8648ce3d040303": "SHA-384", "2a8648ce3d040304": "SHA-512",
  [OID.rsa]: null, [OID.ec]: null,
};
const CURVES = { "2a8648ce3d030107": ["P-256", 32], "2b81040022": ["P-384", 48], "2b81040023": ["P-521", 66] };
const digest = async (name, bytes) => new Uint8Array(await crypto.subtle.digest(name, bytes));

// UTCTime or GeneralizedTime in milliseconds, of UTC.
function moment(one) {
  const read = /^(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(ascii(one ? one.body : []));
  refuse(!read || (one.tag !== 0x17 && one.tag !== 0x18) || Boolean(read[1]) !== (one.tag === 0x18), "unreadable");
  const century = read[1] || (Number(read[2]) < 50 ? "20" : "19");
  return Date.UTC(Number(century + read[2]), read[3] - 1, read[4], read[5], read[6], read[7]);
}

function certificate(bytes) {
  const [tbs, how, signature] = parts(whole(bytes));
  const held = parts(tbs);
  if (held[0].tag === 0xa0) held.shift();
  const [serial, , issuer, validity, subject, key] = held;
  const [from, until] = parts(validity).map(moment);
  const extensions = new Map();
  const last = held.find((one) => one.tag === 0xa3);
  for (const one of last ? parts(parts(last, 0xa3)[0]) : []) {
    const [name, ...rest] = parts(one);
    extensions.set(oid(name), { critical: rest.length > 1, value: rest[rest.length - 1].body });
  }
  return { bytes, tbs, how, signature, serial, issuer, subject, key, from, until, extensions };
}
const certificates = (pem) => (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) || [])
  .map((one) => certificate(unbase64(one.replace(/-----[^-]+-----|\s/g, ""))));

const named = (name) => parts(name).flatMap((set) => parts(set, 0x31)).map((one) => utf8(parts(one)[1].body)).join(", ");

async function signedBy(signer, how, beside, data, signature) {
  const kind = oid(parts(how)[0]), hash = SIGNED[kind] === null ? beside : SIGNED[kind];
  refuse(!hash, "signature");
  const [algorithm, curve] = parts(parts(signer.key)[0]);
  let spki, terms, bytes = signature;
  if (oid(algorithm) === OID.rsa) {
    spki = terms = { name: "RSASSA-PKCS1-v1_5", hash };
  } else {
    refuse(oid(algorithm) !== OID.ec || !CURVES[oid(curve)], "signature");
    const [name, size] = CURVES[oid(curve)];
    spki = { name: "ECDSA", namedCurve: name };
    terms = { name: "ECDSA", hash };
    bytes = joined(...parts(whole(signature)).map((one) => {
      let number = one.body;
      while (number.length > 1 && number[0] === 0) number = number.subarray(1);
      refuse(one.tag !== 2 || number.length > size, "signature");
      return joined(new Uint8Array(size - number.length), number);
    }));
  }
  const key = await crypto.subtle.importKey("spki", signer.key.all, spki, false, ["verify"]);
  refuse(!await crypto.subtle.verify(terms, key, bytes, data), "signature");
}
const bits = (one) => {
  refuse(!one || one.tag !== 3 || one.body[0] !== 0, "unreadable");
  return one.body.subarray(1);
};

// The signer first, its root last; every one good at the token's time, signed by the next.
async function chained(chain, time) {
  const usage = chain[0].extensions.get(OID.usage);
  refuse(!usage || !usage.critical || !parts(whole(usage.value)).some((one) => oid(one) === OID.stamping), "purpose");
  for (const [place, one] of chain.entries()) {
    refuse(time < one.from || time > one.until, "expired");
    const above = chain[Math.min(place + 1, chain.length - 1)];
    refuse(!alike(one.issuer, above.subject), "chain");
    const basic = above.extensions.get(OID.basic);
    refuse(!basic || !parts(whole(basic.value)).some((part) => part.tag === 1 && part.body[0]), "chain");
    await signedBy(above, one.how, null, one.tbs.all, bits(one.signature));
  }
}

async function notRevoked(chain, pem) {
  for (const text of pem.match(/-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g) || []) {
    const [tbs, how, signature] = parts(whole(unbase64(text.replace(/-----[^-]+-----|\s/g, ""))));
    const held = parts(tbs);
    if (held[0].tag === 2) held.shift();
    const issuer = chain.find((one) => alike(one.subject, held[1]));
    refuse(!issuer, "revocations");
    await signedBy(issuer, how, null, tbs.all, bits(signature));
    const gone = held.slice(2).find((one) => one.tag === 0x30);
    const serials = gone ? parts(gone).map((one) => parts(one)[0]) : [];
    refuse(chain.some((one) => alike(one.issuer, held[1]) && serials.some((serial) => alike(serial, one.serial))), "revoked");
  }
}

// The token's time and who made it, or StampRefused.
async function checkStamp(answer, text, chainPem, crlPem) {
  const [status, content] = parts(whole(answer));
  refuse(parts(status)[0].body[0] > 1, "unreadable");
  const [kind, wrapped] = parts(content);
  refuse(oid(kind) !== OID.signedData, "unreadable");
  const signed = parts(parts(wrapped, 0xa0)[0]);
  refuse(hex(signed[0].all) !== "020103" || signed[1].tag !== 0x31, "unreadable"); // RFC 5652, section 5.1
  const [inner, held] = parts(signed[2]), info = parts(held, 0xa0)[0];
  refuse(oid(inner) !== OID.tstInfo || info.tag !== 4, "unreadable");
  const [, , imprint, , when] = parts(whole(info.body)), [algorithm, hash] = parts(imprint);
  refuse(HASHES[oid(parts(algorithm)[0])] !== "SHA-256" || !equal(hash.body, sha256(text)), "foreign");
  const signers = parts(signed[signed.length - 1], 0x31);
  refuse(signers.length !== 1, "unreadable");
  const [version, sid, how, attributes, signatureHow, signature] = parts(signers[0]);
  refuse(hex(version.all) !== "020101" || signature.tag !== 4, "unreadable");
  const values = new Map();
  for (const one of parts(attributes, 0xa0)) {
    const [name, set] = parts(one);
    refuse(values.has(oid(name)), "unreadable");
    values.set(oid(name), parts(set, 0x31)[0]);
  }
  const named_ = HASHES[oid(parts(how)[0])];
  refuse(!named_ || !values.has(OID.contentType) || oid(values.get(OID.contentType)) !== OID.tstInfo, "signature");
  const said = values.get(OID.messageDigest);
  refuse(!said || !equal(said.body, await digest(named_, info.body)), "altered");
  const chain = certificates(chainPem), time = moment(when);
  const [issuer, serial] = parts(sid);
  refuse(!chain.length || !alike(issuer, chain[0].issuer) || !alike(serial, chain[0].serial), "signer");
  const second = values.get(OID.certificateV2), first = values.get(OID.certificate);
  refuse(!second && !first, "signer");
  const named1 = parts(parts(parts(second || first)[0])[0]);
  const other = second && named1[0].tag === 0x30 ? HASHES[oid(parts(named1[0])[0])] : "SHA-256";
  const certified = named1.find((one) => one.tag === 4);
  refuse(!other || !certified || !equal(certified.body, await digest(second ? other : "SHA-1", chain[0].bytes)), "signer");
  const set = new Uint8Array(attributes.all);
  set[0] = 0x31; // RFC 5652, section 5.4: signed as a SET
  await signedBy(chain[0], signatureHow, named_, set, signature.body);
  await chained(chain, time);
  await notRevoked(chain, crlPem);
  return { time, by: named(chain[0].subject), root: named(chain[chain.length - 1].subject) };
}
