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
