// The hashes must be the server's to the bit: one difference, and every batch is taken for a divergence.
import { expect, test } from "vitest";
import { crc32, workspaceHash } from "../src/core/hash";

test("crc32 is zlib's, over UTF-8, as eight lower-case digits", () => {
  expect(crc32("")).toBe("00000000");
  expect(crc32("123456789")).toBe("cbf43926");
  expect(crc32("The quick brown fox jumps over the lazy dog")).toBe("414fa339");
  // As Python's zlib.crc32 says of the same text in UTF-8.
  expect(crc32("é😀")).toBe("7f805a06");
});

test("the workspace's hash does not depend on the order of its files", () => {
  const a = ["a.py", crc32("x = 1\n")] as const;
  const b = ["b/c.py", crc32("")] as const;
  expect(workspaceHash([a, b])).toBe(workspaceHash([b, a]));
  expect(workspaceHash([a, b])).toBe(crc32(`a.py\0${a[1]}\nb/c.py\0${b[1]}\n`));
});
