import { closeSync, openSync, readSync } from "node:fs";

const VERSION_NEEDS = 0x6ffffffe;

/**
 * The symbol versions a 64-bit little-endian ELF library asks of others, for example "GLIBC_2.38": what the
 * dynamic linker checks first. Read from the file's own table of needs, a few hundred bytes.
 * @returns an empty list for a file of another kind
 */
export function neededSymbolVersions(file: string): readonly string[] {
  const fd = openSync(file, "r");
  try {
    const read = (position: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      readSync(fd, bytes, 0, length, position);
      return bytes;
    };
    const header = read(0, 64);
    const isElf64 = header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1;
    return isElf64 ? needs(read, header) : [];
  } finally {
    closeSync(fd);
  }
}

function needs(read: (position: number, length: number) => Buffer, header: Buffer): string[] {
  const size = header.readUInt16LE(0x3a);
  const table = read(Number(header.readBigUInt64LE(0x28)), size * header.readUInt16LE(0x3c));
  const section = (index: number): Buffer => table.subarray(index * size, (index + 1) * size);
  const content = (one: Buffer): Buffer =>
    read(Number(one.readBigUInt64LE(0x18)), Number(one.readBigUInt64LE(0x20)));
  for (let index = 0; index * size < table.length; index += 1) {
    const found = section(index);
    if (found.readUInt32LE(4) !== VERSION_NEEDS) continue;
    return names(content(found), content(section(found.readUInt32LE(0x28))));
  }
  return [];
}

/** Walks the linked list of libraries, and for each the linked list of versions asked of it. */
function names(list: Buffer, strings: Buffer): string[] {
  const found: string[] = [];
  for (let library = 0; ; library += list.readUInt32LE(library + 12)) {
    for (let need = library + list.readUInt32LE(library + 8); ; need += list.readUInt32LE(need + 12)) {
      const start = list.readUInt32LE(need + 8);
      found.push(strings.toString("latin1", start, strings.indexOf(0, start)));
      if (list.readUInt32LE(need + 12) === 0) break;
    }
    if (list.readUInt32LE(library + 12) === 0) return found;
  }
}
