// Writes ZIP archives whose entries are stored, to the same bytes everywhere: local entries | central directory | end record.
// Sizes are given first, so every entry's place is known: pieces of several entries may come by turns, and nothing waits in memory.
import { crc32 } from './crc32.js'
import { formatError } from './fail.js'

const LOCAL_BYTES = 30
const DIRECTORY_BYTES = 46
const END_BYTES = 22
/** 1980-01-01, the first day that ZIP knows: no clock and no time zone in the bytes. */
const DATE = 0x21
const VERSION = 20
const UTF8_NAMES = 1 << 11
/** Sizes and places are 32 bits wide. */
const MAX_BYTES = 0xffffffff

/** Puts bytes at a place of a file. */
export type WriteAt = (bytes: Uint8Array, at: number) => void

interface Entry {
  readonly name: Uint8Array
  readonly flags: number
  readonly size: number
  /** Where its local header is. */
  readonly start: number
  written: number
  crc: number
}

export class ZipWriter {
  readonly #entries = new Map<string, Entry>()
  readonly #write: WriteAt
  readonly #directory: number
  /** Length of the archive. */
  readonly bytes: number

  /**
   * @param sizes - bytes of each entry, in the order in which they shall stand
   * @throws FormatError beyond 4 GiB
   */
  constructor(sizes: Readonly<Record<string, number>>, write: WriteAt) {
    this.#write = write
    let at = 0
    let names = 0
    for (const [text, size] of Object.entries(sizes)) {
      const name = new TextEncoder().encode(text)
      const flags = name.length === text.length ? 0 : UTF8_NAMES
      this.#entries.set(text, { name, flags, size, start: at, written: 0, crc: 0 })
      at += LOCAL_BYTES + name.length + size
      names += name.length
    }
    this.#directory = at
    this.bytes = at + this.#entries.size * DIRECTORY_BYTES + names + END_BYTES
    if (this.bytes > MAX_BYTES) {
      throw formatError(`zip: ${this.bytes} bytes are too many`, { value: this.bytes, expected: 'at most 4 GiB' })
    }
  }

  /** The next bytes of an entry. */
  append(name: string, bytes: Uint8Array): void {
    const entry = this.#entries.get(name)!
    if (entry.written + bytes.length > entry.size) throw formatError(`zip: entry ${name} is longer than was said`)
    this.#write(bytes, entry.start + LOCAL_BYTES + entry.name.length + entry.written)
    entry.written += bytes.length
    entry.crc = crc32(bytes, entry.crc)
  }

  /** Writes what depends on the contents: headers with checksums, and the directory. */
  end(): void {
    let at = this.#directory
    for (const [name, entry] of this.#entries) {
      if (entry.written !== entry.size) throw formatError(`zip: entry ${name} is shorter than was said`)
      this.#write(localHeader(entry), entry.start)
      const record = directoryRecord(entry)
      this.#write(record, at)
      at += record.length
    }
    const end = new DataView(new ArrayBuffer(END_BYTES))
    end.setUint32(0, 0x06054b50, true)
    end.setUint16(8, this.#entries.size, true)
    end.setUint16(10, this.#entries.size, true)
    end.setUint32(12, at - this.#directory, true)
    end.setUint32(16, this.#directory, true)
    this.#write(new Uint8Array(end.buffer), at)
  }
}

/** Stores entries in the order given. */
export function writeZip(entries: Readonly<Record<string, Uint8Array>>): Uint8Array<ArrayBuffer> {
  const sizes = Object.fromEntries(Object.entries(entries).map(([name, { length }]) => [name, length]))
  let file = new Uint8Array()
  const zip = new ZipWriter(sizes, (bytes, at) => file.set(bytes, at))
  file = new Uint8Array(zip.bytes)
  for (const [name, bytes] of Object.entries(entries)) zip.append(name, bytes)
  zip.end()
  return file
}

function localHeader(entry: Entry): Uint8Array {
  const view = new DataView(new ArrayBuffer(LOCAL_BYTES + entry.name.length))
  view.setUint32(0, 0x04034b50, true)
  common(view, 4, entry)
  return named(view, LOCAL_BYTES, entry)
}

function directoryRecord(entry: Entry): Uint8Array {
  const view = new DataView(new ArrayBuffer(DIRECTORY_BYTES + entry.name.length))
  view.setUint32(0, 0x02014b50, true)
  view.setUint16(4, VERSION, true)
  common(view, 6, entry)
  view.setUint32(42, entry.start, true)
  return named(view, DIRECTORY_BYTES, entry)
}

/** Version, flags, method, time, date, checksum, both sizes, length of the name: the same in both headers. */
function common(view: DataView, at: number, { flags, crc, size, name }: Entry): void {
  view.setUint16(at, VERSION, true)
  view.setUint16(at + 2, flags, true)
  view.setUint16(at + 8, DATE, true)
  view.setUint32(at + 10, crc, true)
  view.setUint32(at + 14, size, true)
  view.setUint32(at + 18, size, true)
  view.setUint16(at + 22, name.length, true)
}

function named(view: DataView, at: number, { name }: Entry): Uint8Array {
  const bytes = new Uint8Array(view.buffer)
  bytes.set(name, at)
  return bytes
}
