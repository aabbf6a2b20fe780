// Fingerprints of text and of a whole workspace, to notice when browser and server have drifted apart.
// CRC-32 (as in zlib) rather than a cryptographic hash: crypto.subtle is missing on plain-http hosts, and nothing here
// guards against tampering.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

const utf8 = new TextEncoder();

export function crc32(text: string): string {
  let crc = 0xffffffff;
  for (const byte of utf8.encode(text)) crc = (TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, "0");
}

/** The hash of a workspace, from the path and the CRC-32 of each of its files. */
export function workspaceHash(files: Iterable<readonly [path: string, crc: string]>): string {
  // Paths are ASCII, so the order of UTF-16 units is the order of bytes that the server sorts by.
  const lines = [...files]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([path, crc]) => `${path}\0${crc}\n`);
  return crc32(lines.join(""));
}
