"""Damaged variants of a file, the same for the same seed."""
import random
import struct

SPECIAL = [0x00, 0x01, 0x7F, 0x80, 0xFF]
LENGTHS = [0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, 0x10000000]


def flip_bits(data, rng, start, end):
    for _ in range(rng.choice((1, 1, 2, 8))):
        data[rng.randrange(start, end)] ^= 1 << rng.randrange(8)


def overwrite_bytes(data, rng, start, end):
    at = rng.randrange(start, end)
    size = rng.choice((1, 2, 4, 8, 64))
    byte = rng.choice(SPECIAL)
    for i in range(at, min(at + size, end)):
        data[i] = byte


def overwrite_random(data, rng, start, end):
    at = rng.randrange(start, end)
    piece = rng.randbytes(rng.choice((1, 4, 32)))
    data[at:at + len(piece)] = piece[:end - at]


def long_varint(data, rng, start, end):
    """A length that grew: the Thrift compact protocol and run headers count in varints."""
    at = rng.randrange(start, end)
    data[at:at + 10] = bytes([0xFF] * rng.randrange(1, 10) + [rng.choice((0x01, 0x0F, 0x7F))])


def move_piece(data, rng, start, end):
    size = rng.randrange(1, min(200, end - start))
    source, target = (rng.randrange(start, end - size + 1) for _ in range(2))
    data[target:target + size] = data[source:source + size]


def insert_or_remove(data, rng, start, end):
    at, size = rng.randrange(start, end), rng.choice((1, 3, 100))
    if rng.random() < 0.5:
        del data[at:at + size]
    else:
        data[at:at] = rng.randbytes(size)


def truncate(data, rng, start, end):
    del data[rng.randrange(0, len(data)):]


def lie_about_footer(data, rng, start, end):
    data[-8:-4] = struct.pack("<I", rng.choice(LENGTHS + [len(data), len(data) - 8, len(data) - 12, rng.randrange(1 << 16)]))


def nested_footer(data, rng, start, end):
    """A footer made of structs in structs, as deep as it is long."""
    footer = rng.choice((b"\x1c", b"\x19\xfc", b"\x1b\x10\xcc")) * rng.choice((10, 1000, 100000))
    data[-8:] = footer + struct.pack("<I", len(footer)) + b"PAR1"


MUTATIONS = [flip_bits, flip_bits, overwrite_bytes, overwrite_random, long_varint, move_piece, insert_or_remove, truncate,
             lie_about_footer, nested_footer]


def mutant(original, seed):
    """A damaged copy of original: half of the damage goes into the footer, which says where all else is."""
    rng = random.Random(seed)
    data = bytearray(original)
    footer = struct.unpack("<I", original[-8:-4])[0] + 8
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        size = len(data)
        if size < 16:
            break
        start = max(0, size - footer) if rng.random() < 0.5 else 0
        rng.choice(MUTATIONS)(data, rng, start, max(start + 1, size - 4))
    return bytes(data)
