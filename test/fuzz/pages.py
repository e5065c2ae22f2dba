"""Takes Parquet files apart, only as far as seeds need it: footers, chunks, page headers and bodies.

Thrift structs become dictionaries from field number to value. Source: parquet.thrift of apache/parquet-format.
"""
import struct
from dataclasses import dataclass

import pyarrow as pa

STOP, TRUE, FALSE, I8, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(13)
CODECS = {0: None, 1: "snappy", 2: "gzip", 4: "brotli", 5: "lz4_hadoop", 6: "zstd", 7: "lz4_raw"}


class Thrift:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def zigzag(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def value(self, kind):
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind == I8:
            return self.byte()
        if kind in (I16, I32, I64):
            return self.zigzag()
        if kind == DOUBLE:
            return self.take(8)
        if kind == BINARY:
            return bytes(self.take(self.varint()))
        if kind in (LIST, SET):
            head = self.byte()
            count = head >> 4 if head >> 4 < 15 else self.varint()
            element = head & 15
            return [self.byte() == 1 if element in (TRUE, FALSE) else self.value(element) for _ in range(count)]
        if kind == STRUCT:
            return self.struct()
        raise ValueError(f"Thrift type {kind}")

    def struct(self):
        fields, number = {}, 0
        while True:
            head = self.byte()
            if head & 15 == STOP:
                return fields
            number = number + (head >> 4) if head >> 4 else self.zigzag()
            fields[number] = self.value(head & 15)


@dataclass
class Leaf:
    physical: int
    length: int
    definition: int
    repetition: int


@dataclass
class Page:
    leaf: Leaf
    kind: int  # 0 data, 2 dictionary, 3 data v2
    header: bytes
    codec: int
    encoding: int
    value_count: int
    levels: bytes
    packed: bytes  # values as they are stored
    body: bytes  # decompressed, without levels


def footer_bytes(content):
    size = struct.unpack("<I", content[-8:-4])[0]
    return content[len(content) - 8 - size:-8]


def leaves_of(elements):
    found, at = [], 1

    def walk(children, definition, repetition):
        nonlocal at
        for _ in range(children):
            element = elements[at]
            at += 1
            kind = element.get(3, 0)
            deeper = definition + (kind != 0), repetition + (kind == 2)
            if element.get(5):
                walk(element[5], *deeper)
            else:
                found.append(Leaf(element[1], element.get(2, 0), *deeper))

    walk(elements[0][5], 0, 0)
    return found


def chunks_of(content):
    """(leaf, chunk's fields, metadata's fields) of every column chunk."""
    footer = Thrift(footer_bytes(content)).struct()
    leaves = leaves_of(footer[2])
    for group in footer[4]:
        for leaf, chunk in zip(leaves, group[1]):
            if 3 in chunk:
                yield leaf, chunk, chunk[3]


def chunk_bytes(content, meta):
    start = min(meta[9], meta.get(11) or meta[9])
    return content[start:start + meta[7]]


def decompress(codec, packed, size):
    name = CODECS.get(codec)
    if size == 0:
        return b""
    if name is None:
        return packed
    if name == "lz4_hadoop":
        name, packed = "lz4_raw", packed[8:]
    return pa.Codec(name).decompress(packed, size).to_pybytes()


def split_levels(leaf, body):
    """Levels and values of a v1 page: each kind of level stands behind its length."""
    at = 0
    for most in (leaf.repetition, leaf.definition):
        if most:
            at += 4 + struct.unpack_from("<I", body, at)[0]
    return body[:at], body[at:]


def page_at(content, at, leaf, codec):
    """A page and where the next begins."""
    thrift = Thrift(content, at)
    header = thrift.struct()
    raw = content[at:thrift.at]
    body = content[thrift.at:thrift.at + header[3]]
    kind = header[1]
    levels = b""
    if kind == 3:
        head = header[8]
        size = head.get(5, 0) + head.get(6, 0)
        levels, packed = body[:size], body[size:]
        values = decompress(codec, packed, header[2] - size) if head.get(7, True) else packed
        encoding, count = head[4], head[1]
    else:
        head = header[5 if kind == 0 else 7]
        packed, values = body, decompress(codec, body, header[2])
        encoding, count = head[2], head[1]
        if kind == 0:
            levels, values = split_levels(leaf, values)
    return Page(leaf, kind, raw, codec, encoding, count, levels, packed, values), thrift.at + header[3]


def pages_of(content, leaf, meta):
    chunk, at, seen = chunk_bytes(content, meta), 0, 0
    while at < len(chunk) and seen < meta[5]:
        page, at = page_at(chunk, at, leaf, meta[4])
        seen += page.value_count if page.kind != 2 else 0
        yield page
