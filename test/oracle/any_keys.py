"""Random data for sums by any keys: columns, layouts and writers from a seed, and the exact answer.

A column has a *kind*. Its values stand here as plain Python values, the same for equal ones: integers, Fractions, bytes, floats
without -0, "nan"; times as nanoseconds. A kind knows the Arrow types that hold given values exactly, so that files may differ in type,
and takes results back to plain values.
"""
import math
import random
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import support

NAN = "nan"
DAY = 86_400 * 10**9
UNIT_NS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
FLOATS = {2: ("float16", "uint16", 0x7C00), 4: ("float32", "uint32", 0x7F800000), 8: ("float64", "uint64", 0x7FF0 << 48)}


def plain(array):
    """Values of an Arrow array as plain Python values."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    kind = array.type
    if pa.types.is_dictionary(kind):  # of text
        return [None if value is None else value.encode() for value in array.to_pylist()]
    if pa.types.is_date32(kind):
        return scaled(array.cast(pa.int32()), DAY)
    if pa.types.is_time32(kind):
        return scaled(array.cast(pa.int32()), UNIT_NS[kind.unit])
    if pa.types.is_time64(kind) or pa.types.is_timestamp(kind):
        return scaled(array.cast(pa.int64()), UNIT_NS[kind.unit])
    values = array.to_pylist()
    if pa.types.is_floating(kind):
        return [plain_float(value) for value in values]
    if pa.types.is_decimal(kind):
        return [None if value is None else Fraction(value) for value in values]
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return [None if value is None else value.encode() for value in values]
    return values


def scaled(array, factor):
    return [None if value is None else value * factor for value in array.to_pylist()]


def plain_float(value):
    if value is None:
        return None
    value = float(value)
    return NAN if value != value else value + 0.0


def order_of(value):
    """A key by which plain values sort as weir sorts them: NULL first, NaN last."""
    if value is None:
        return (0, 0)
    return (2, 0) if isinstance(value, str) else (1, value)


def key_order(key):
    return tuple(order_of(value) for value in key)


def decimal_array(values, kind):
    """From integers and Fractions; by way of text, which never rounds."""
    return pa.array([None if v is None else Decimal(f"{int(v * 10**kind.scale)}E-{kind.scale}") for v in values], kind)


# ---- kinds of columns -------------------------------------------------------------------------

class Integers:
    RANGES = [(-4, 5), (0, 200), (-(1 << 7), (1 << 7) - 1), (0, (1 << 8) - 1), (-(1 << 15), (1 << 15) - 1), (-(1 << 31), (1 << 31) - 1),
              (0, (1 << 32) - 1), (-(1 << 63), (1 << 63) - 1), (0, (1 << 64) - 1)]
    TYPES = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]

    def __init__(self, rng):
        self.low, self.high = rng.choice(self.RANGES)
        self.step = rng.choice((1, 1, 3, 1 << 16, 1 << 32)) if self.high >> 40 else 1

    def value(self, rng):
        if rng.random() < 0.1:
            return rng.choice((self.low, self.high))
        return max(self.low, rng.randint(self.low, self.high) // self.step * self.step)

    def types(self):
        return [kind for kind in self.TYPES if self.fits(kind)]

    def fits(self, kind):
        bits = kind.bit_width
        low, high = (0, (1 << bits) - 1) if pa.types.is_unsigned_integer(kind) else (-(1 << bits - 1), (1 << bits - 1) - 1)
        return low <= self.low and self.high <= high

    def array(self, values, kind, rng):
        return pa.array(values, kind)


class Booleans:
    def __init__(self, rng):
        pass

    def value(self, rng):
        return rng.random() < 0.5

    def types(self):
        return [pa.bool_()]

    def array(self, values, kind, rng):
        return pa.array(values, kind)


class Moments:
    """Dates and timestamps of one kind of zone; whole days where a file has dates."""

    def __init__(self, rng):
        self.zone = rng.choice((None, None, "UTC"))
        self.step = rng.choice((DAY, DAY, 10**9, 10**6, 10**3, 1))
        self.low = rng.choice((-(9 * 10**18), -5 * DAY, 1_700_000_000 * 10**9, 1_735_689_600 * 10**9))
        self.span = min(rng.choice((40, 1000, 10**6)) * max(self.step, 10**6), 9 * 10**18 - self.low)

    def value(self, rng):
        return (self.low + rng.randrange(self.span)) // self.step * self.step

    def types(self):
        types = [pa.timestamp(unit, self.zone) for unit, ns in UNIT_NS.items() if self.step % ns == 0]
        return types + [pa.date32()] if self.step == DAY and self.zone is None else types

    def array(self, values, kind, rng):
        if pa.types.is_date32(kind):
            return pa.array([None if v is None else v // DAY for v in values], pa.int32()).cast(kind)
        return pa.array([None if v is None else v // UNIT_NS[kind.unit] for v in values], pa.int64()).cast(kind)


class Times:
    def __init__(self, rng):
        self.step = rng.choice((10**9, 10**6, 10**3, 1))

    def value(self, rng):
        return rng.randrange(DAY) // self.step * self.step

    def types(self):
        types = (pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"))
        return [kind for kind in types if self.step % UNIT_NS[kind.unit] == 0]

    def array(self, values, kind, rng):
        return pa.array([None if v is None else v // UNIT_NS[kind.unit] for v in values],
                        pa.int32() if kind.bit_width == 32 else pa.int64()).cast(kind)


class Decimals:
    def __init__(self, rng):
        self.scale = rng.choice((0, 1, 2, 5))
        self.digits = rng.choice((1, 4, 9, 15, 22))

    def value(self, rng):
        return Fraction(rng.randint(-(10**self.digits) + 1, 10**self.digits - 1), 10**self.scale)

    def types(self):
        whole = max(self.digits - self.scale, 0)
        types = [pa.decimal128(max(whole + scale, 1), scale) for scale in range(self.scale, self.scale + 4)]
        types += [pa.decimal128(whole + self.scale + 7, self.scale), pa.decimal256(whole + self.scale + 20, self.scale + 1)]
        return types + [pa.int64(), pa.int32()] if self.scale == 0 and self.digits <= 9 else types

    def array(self, values, kind, rng):
        return decimal_array(values, kind) if pa.types.is_decimal(kind) else pa.array([None if v is None else int(v) for v in values], kind)


class Texts:
    """Strings, also as categories, or binary."""

    def __init__(self, rng):
        self.binary = rng.random() < 0.3
        self.length = rng.choice((1, 3, 12, 60, 300))
        self.prefix = rng.choice((b"", b"", b"a common beginning of all keys, "))

    def value(self, rng):
        length = rng.randrange(self.length + 1)
        if self.binary:
            return self.prefix + bytes(rng.choice((0, 1, 0x7F, 0x80, 0xFF)) for _ in range(length))
        return self.prefix + "".join(rng.choice("abz é日\0") for _ in range(length)).encode()

    def types(self):
        if self.binary:
            return [pa.binary(), pa.large_binary()]
        return [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int8(), pa.large_string()),
                pa.string_view()]

    def array(self, values, kind, rng):
        if pa.types.is_dictionary(kind):
            plain_array = self.array(values, kind.value_type, rng)
            small = len(set(values)) < 100
            return plain_array.dictionary_encode().cast(pa.dictionary(kind.index_type if small else pa.int32(), kind.value_type))
        return pa.array(values if self.binary else [None if v is None else v.decode() for v in values], kind)


class FixedBytes:
    def __init__(self, rng):
        self.size = rng.choice((1, 2, 7, 16, 40))

    def value(self, rng):
        return bytes(rng.choice((0, 1, 0x80, 0xFF)) for _ in range(self.size))

    def types(self):
        return [pa.binary(self.size)]

    def array(self, values, kind, rng):
        return pa.array(values, kind)


class Floats:
    """Values that all files' types hold; NaNs of many bits; a zero has any sign."""

    def __init__(self, rng):
        self.width = rng.choice((2, 4, 8))

    def value(self, rng):
        place = rng.random()
        if place < 0.3:
            return rng.choice((NAN, 0.0, math.inf, -math.inf))
        number = rng.choice((rng.randint(-20, 20) / 4, rng.gauss(0, 1), rng.gauss(0, 1) * 10.0**rng.randint(-7, 4)))
        return plain_float(np.dtype(FLOATS[self.width][0]).type(number))

    def types(self):
        return {2: [pa.float16(), pa.float32(), pa.float64()], 4: [pa.float32(), pa.float64()], 8: [pa.float64()]}[self.width]

    def array(self, values, kind, rng):
        name, bits, infinity = FLOATS[kind.bit_width // 8]
        array = np.array([math.nan if v in (NAN, None) else v for v in values], name)
        raw = array.view(bits)
        for i, value in enumerate(values):
            sign = rng.getrandbits(1) << kind.bit_width - 1
            if value == 0:
                raw[i] = sign
            elif value == NAN:
                raw[i] = sign | infinity | rng.randrange(1, infinity & -infinity)
        return pa.array(array, mask=np.array([v is None for v in values], bool), from_pandas=False)


KEY_KINDS = [Integers, Integers, Integers, Booleans, Moments, Moments, Times, Decimals, Texts, Texts, FixedBytes, Floats]


# ---- value columns ----------------------------------------------------------------------------

def doubles_of(rng):
    character = rng.choice(("normal", "wide", "large", "subnormal", "special", "integers", "cancel"))
    extremes = (1e300, -1e300, 1.7e308, 5e-324, -5e-324, 0.0, -0.0, 2.0**-1022)

    def make():
        if character == "wide":
            return rng.choice((-1, 1)) * math.ldexp(rng.random(), rng.randint(-1074, 1000))
        if character == "large":
            return rng.uniform(-1.7e308, 1.7e308)
        if character == "subnormal":
            return rng.choice((-1, 1)) * rng.getrandbits(52) * 5e-324
        if character == "special" and rng.random() < 0.02:
            return rng.choice((math.nan, math.inf, -math.inf))
        if character == "integers":
            return float(rng.randint(-(1 << 53), 1 << 53))
        if character == "cancel" or rng.random() < 0.02:
            return rng.choice(extremes)
        return rng.gauss(0, 1)
    return pa.float64(), make


def singles_of(rng):
    extremes = (0.0, -0.0, 3.4e38, -3.4e38, 1e-45, math.inf, math.nan)
    return pa.float32(), lambda: float(np.float32(rng.choice(extremes) if rng.random() < 0.03 else rng.gauss(0, 100)))


def halves_of(rng):
    return pa.float16(), lambda: float(np.float16(rng.gauss(0, 100)))


def integers_of(rng):
    kind = rng.choice(Integers.TYPES)
    bits = min(kind.bit_width, 50)
    low, high = (0, (1 << bits) - 1) if pa.types.is_unsigned_integer(kind) else (-(1 << bits - 1), (1 << bits - 1) - 1)
    return kind, lambda: rng.choice((low, high, rng.randint(low, high)))


def decimals_of(rng):
    digits, scale = rng.choice(((5, 2), (12, 3), (18, 4), (30, 10)))
    most = 10**digits - 1
    return pa.decimal128(digits, scale), lambda: Fraction(rng.randint(-most, most), 10**scale)


VALUE_KINDS = [doubles_of, doubles_of, doubles_of, singles_of, halves_of, integers_of, integers_of, decimals_of]


def value_array(values, kind):
    if pa.types.is_decimal(kind):
        return decimal_array(values, kind)
    if not pa.types.is_floating(kind):
        return pa.array(values, kind)
    mask = np.array([v is None for v in values], bool)
    return pa.array(np.array([0.0 if v is None else v for v in values], kind.to_pandas_dtype()), mask=mask, from_pandas=False)


# ---- exact results ----------------------------------------------------------------------------

def exact_sum(values, kind):
    if pa.types.is_floating(kind):
        return support.expected_sum(values)
    return sum(values) if values else None


def exact_mean(values, kind):
    if pa.types.is_floating(kind):
        return support.expected_mean(values)
    return support.round_to_double(Fraction(sum(values)) / len(values)) if values else None


def extreme(values, kind, choose):
    """NaN is above all, -0 below 0."""
    if not values:
        return None
    if pa.types.is_floating(kind):
        return choose(values, key=lambda v: (v != v, 0 if v != v else v, math.copysign(1, v) if v == 0 else 0))
    return choose(values)


FUNCTIONS = {
    "sum": exact_sum,
    "mean": exact_mean,
    "min": lambda values, kind: extreme(values, kind, min),
    "max": lambda values, kind: extreme(values, kind, max),
    "count": lambda values, kind: len(values),
}


def result_bits(value):
    """Comparable: NaNs are equal, -0.0 is not 0.0."""
    if isinstance(value, float):
        return support.bits(value)
    return Fraction(value) if isinstance(value, Decimal) else value


class Case:
    """Columns, keys and the original files' rows, all from one seed."""

    STRUCTURES = ("aligned", "repeating", "gaps", "mixed", "random")

    def __init__(self, seed, most_rows=1500):
        self.seed = seed
        self.rng = rng = random.Random(seed)
        self.structure = self.STRUCTURES[seed % len(self.STRUCTURES)]
        self.kinds = [rng.choice(KEY_KINDS)(rng) for _ in range(rng.choice((1, 1, 2, 2, 3, 4)))]
        self.key_names = [f"k{i}" for i in range(len(self.kinds))]
        self.null_share = rng.choice((0, 0, 0.1))
        self.loose = rng.random() < 0.3
        self.decimals_as_integers = rng.random() < 0.5
        self.types = [rng.choice(kind.types()) for kind in self.kinds]
        self.values = [rng.choice(VALUE_KINDS)(rng) for _ in range(rng.choice((1, 1, 2, 3)))]
        self.value_names = [f"v{i}" for i in range(len(self.values))]
        self.value_nulls = rng.choice((0, 0, 0.2, 1.0) if seed % 7 == 0 else (0, 0.2))
        self.make_aggregates()
        self.make_files(rng.randint(2, 7), rng.choice((1, 3, 30, most_rows // 8, most_rows // 3)))

    def make_aggregates(self):
        self.aggregates = [(function, i) for i in range(len(self.values)) for function in FUNCTIONS if self.rng.random() < 0.6]
        self.count_rows = self.rng.random() < 0.5 or not self.aggregates
        words = [f"{function}:v{i}={function}_{i}" for function, i in self.aggregates]
        self.agg = ",".join(words + ["count:*=rows"] * self.count_rows)

    # -- rows

    def make_key(self):
        return tuple(None if self.rng.random() < self.null_share else kind.value(self.rng) for kind in self.kinds)

    def make_row(self, key):
        return key, tuple(None if self.rng.random() < self.value_nulls else make() for _, make in self.values)

    def make_files(self, file_count, key_count):
        rng = self.rng
        keys = sorted({self.make_key() for _ in range(key_count)}, key=key_order)
        if self.structure in ("aligned", "repeating", "mixed") and rng.random() < 0.5:
            rng.shuffle(keys)
        if self.structure == "repeating" or self.structure == "mixed" and rng.random() < 0.3:
            keys = [key for key in keys for _ in range(rng.randint(1, 4))]
            if rng.random() < 0.3:
                rng.shuffle(keys)
        self.files = [[self.make_row(key) for key in self.keys_of_file(number, file_count, keys)] for number in range(file_count)]

    def keys_of_file(self, number, file_count, keys):
        rng = self.rng
        if self.structure == "gaps":
            share = rng.choice((0.01, 0.3, 0.9))
            return [key for key in keys for _ in range(rng.choice((1, 1, 1, 2))) if rng.random() > share]
        if self.structure == "random" or self.structure == "mixed" and number > file_count // 2:
            return [rng.choice(keys) for _ in range(rng.randint(0, 2 * len(keys)))]
        return keys

    def rows(self):
        return [row for rows in self.files for row in rows]

    # -- other files of the same rows

    def split(self, rows, count):
        files = [[] for _ in range(count)]
        for row in rows:
            self.rng.choice(files).append(row)
        return files

    def layouts(self):
        rng, rows = self.rng, self.rows()
        yield "original", self.files
        rng.shuffle(rows)
        if rng.random() < 0.5:
            yield "shuffled", self.split(rows, rng.randint(1, 6))
        else:
            yield "one file", [rows]
        ordered = sorted(rows, key=lambda row: key_order(row[0]))
        yield "sorted", self.split(ordered, rng.randint(1, 6))
        empties = self.split(rows, 3)
        empties.insert(rng.randrange(4), [])
        yield "with empty files", empties + [[]]

    # -- tables

    def table(self, rows, types=None):
        types = types or self.types
        columns = {name: kind.array([key[i] for key, _ in rows], types[i], self.rng)
                   for i, (name, kind) in enumerate(zip(self.key_names, self.kinds))}
        for i, (name, (kind, _)) in enumerate(zip(self.value_names, self.values)):
            columns[name] = value_array([values[i] for _, values in rows], kind)
        return pa.table(columns)

    def loose_types(self):
        return [self.rng.choice(kind.types()) for kind in self.kinds] if self.loose else self.types

    # -- the answer

    def expected(self):
        groups = defaultdict(list)
        for key, values in self.rows():
            groups[key].append(values)
        return {key: tuple(map(result_bits, self.results(rows))) for key, rows in groups.items()}

    def results(self, rows):
        columns = [[row[i] for row in rows if row[i] is not None] for i in range(len(self.values))]
        results = [FUNCTIONS[function](columns[i], self.values[i][0]) for function, i in self.aggregates]
        return results + [len(rows)] * self.count_rows

    def names(self):
        return [f"{function}_{i}" for function, i in self.aggregates] + ["rows"] * self.count_rows


def found(case, table):
    """(keys in their order, results of each) of a result."""
    keys = list(zip(*(plain(table[name]) for name in case.key_names)))
    columns = [[result_bits(value) for value in table[name].to_pylist()] for name in case.names()]
    return keys, list(zip(*columns))


# ---- writers ----------------------------------------------------------------------------------

def arrow_options(rng, decimals_as_integers):
    options = {
        "use_dictionary": rng.random() < 0.6,
        "compression": rng.choice(("none", "snappy", "zstd", "lz4", "gzip", "brotli")),
        "data_page_version": rng.choice(("1.0", "2.0")),
        "write_statistics": rng.random() < 0.8,
        "write_page_index": rng.random() < 0.4,
        "store_decimal_as_integer": decimals_as_integers,
    }
    if rng.random() < 0.5:
        options.update(data_page_size=rng.choice((64, 512, 5000)), write_batch_size=rng.choice((1, 16, 100)))
    if rng.random() < 0.5:
        options["row_group_size"] = rng.choice((1, 7, 50, 333)) if rng.random() < 0.5 else 1000
    if rng.random() < 0.2:
        options["dictionary_pagesize_limit"] = 100
    return options


def write_with_arrow(table, path, rng, decimals_as_integers):
    if table.num_rows == 0 and rng.random() < 0.5:
        with pq.ParquetWriter(path, table.schema, store_decimal_as_integer=decimals_as_integers):
            return
    options = arrow_options(rng, decimals_as_integers)
    if table.num_rows // options.get("row_group_size", 1000) > 60:
        del options["row_group_size"]
    pq.write_table(table, path, **options)


FOREIGN = ("polars", "polars-snappy", "duckdb", "duckdb-v2", "fastparquet", "fastparquet-gzip")


def write_with_other(table, path, rng):
    """By a writer that is not Arrow; false where it does not keep types and values."""
    if any(pa.types.is_decimal(kind) for kind in table.schema.types):
        return False
    try:
        support.WRITERS[rng.choice(FOREIGN)](table, path)
        back = pq.read_table(path)
        return all(same_column(back[name], table[name]) for name in table.column_names)
    except Exception:  # pylint: disable=broad-except  (a type it does not know, in words of its own)
        return False


def same_column(left, right):
    return stored_type(left) == stored_type(right) and plain(left) == plain(right) and bits_of(left) == bits_of(right)


def stored_type(column):
    """Arrow's types that are one in Parquet."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_timestamp(kind):
        return (max(kind.unit, "ms", key=list(UNIT_NS).index), kind.tz is not None)
    name = str(kind).replace("large_", "").replace("_view", "")
    return name.replace("time32[s]", "time32[ms]")


def bits_of(column):
    return [result_bits(value) for value in column.to_pylist()] if pa.types.is_floating(column.type) else None


def write(table, path, rng, decimals_as_integers):
    if table.num_rows == 0 or rng.random() < 0.8 or not write_with_other(table, path, rng):
        write_with_arrow(table, path, rng, decimals_as_integers)
