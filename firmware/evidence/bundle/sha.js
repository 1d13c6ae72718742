"use strict";
// SHA-256 and SHA-512 (FIPS 180-4). Their constants are the first bits of the fractional parts of
// the roots of the first primes; they are computed here instead of being listed.

const primes = (count) => {
  const found = [];
  for (let one = 2; found.length < count; one++) {
    if (found.every((prime) => one % prime)) found.push(one);
  }
  return found;
};

// The first `bits` bits of the fractional part of the `root`-th root of `value`.
const fraction = (value, root, bits) => {
  const wanted = BigInt(value) << BigInt(root * bits);
  let low = 0n, high = BigInt(value) << BigInt(bits);
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (middle ** BigInt(root) <= wanted) low = middle; else high = middle - 1n;
  }
  return BigInt.asUintN(bits, low);
};

const K256 = Uint32Array.from(primes(64), (prime) => Number(fraction(prime, 3, 32)));
const H256 = Uint32Array.from(primes(8), (prime) => Number(fraction(prime, 2, 32)));
const K512 = primes(80).map((prime) => fraction(prime, 3, 64));
const H512 = primes(8).map((prime) => fraction(prime, 2, 64));

const padded = (data, block) => {
  const length = block / 8;
  const whole = Math.ceil((data.length + 1 + length) / block) * block;
  const tail = new Uint8Array(whole - Math.floor(data.length / block) * block);
  const rest = data.subarray(data.length - (data.length % block));
  tail.set(rest);
  tail[rest.length] = 0x80;
  new DataView(tail.buffer).setBigUint64(tail.length - 8, BigInt(data.length) * 8n);
  return tail;
};

function sha256(data) {
  const state = Uint32Array.from(H256), w = new Uint32Array(64);
  const run = (part) => {
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    for (let at = 0; at + 64 <= part.length; at += 64) {
      for (let i = 0; i < 16; i++) w[i] = view.getUint32(at + 4 * i);
      for (let i = 16; i < 64; i++) {
        const x = w[i - 15], y = w[i - 2];
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K256[i] + w[i]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
      }
      state[0] += a; state[1] += b; state[2] += c; state[3] += d;
      state[4] += e; state[5] += f; state[6] += g; state[7] += h;
    }
  };
  run(data.subarray(0, data.length - (data.length % 64)));
  run(padded(data, 64));
  const out = new Uint8Array(32), view = new DataView(out.buffer);
  state.forEach((word, i) => view.setUint32(4 * i, word));
  return out;
}

// For short texts alone: it counts in BigInt.
function sha512(data) {
  const cut = (x) => BigInt.asUintN(64, x);
  const turn = (x, n) => cut((x >> BigInt(n)) | (x << BigInt(64 - n)));
  const whole = data.subarray(0, data.length - (data.length % 128)), tail = padded(data, 128);
  const all = new Uint8Array(whole.length + tail.length);
  all.set(whole);
  all.set(tail, whole.length);
  const view = new DataView(all.buffer), state = [...H512], w = [];
  for (let at = 0; at < all.length; at += 128) {
    for (let i = 0; i < 16; i++) w[i] = view.getBigUint64(at + 8 * i);
    for (let i = 16; i < 80; i++) {
      const x = w[i - 15], y = w[i - 2];
      const s0 = turn(x, 1) ^ turn(x, 8) ^ (x >> 7n), s1 = turn(y, 19) ^ turn(y, 61) ^ (y >> 6n);
      w[i] = cut(w[i - 16] + s0 + w[i - 7] + s1);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 80; i++) {
      const s1 = turn(e, 14) ^ turn(e, 18) ^ turn(e, 41), s0 = turn(a, 28) ^ turn(a, 34) ^ turn(a, 39);
      const t1 = cut(h + s1 + ((e & f) ^ (cut(~e) & g)) + K512[i] + w[i]);
      const t2 = cut(s0 + ((a & b) ^ (a & c) ^ (b & c)));
      h = g; g = f; f = e; e = cut(d + t1); d = c; c = b; b = a; a = cut(t1 + t2);
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = cut(state[i] + word); });
  }
  const out = new Uint8Array(64), bytes = new DataView(out.buffer);
  state.forEach((word, i) => bytes.setBigUint64(8 * i, word));
  return out;
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
