"""Sums of the rows that a filter takes: random filters over random files of tiny pages, with page indexes, Bloom filters,
dictionaries, NULL and NaN. What is right is told by three-valued logic over exact numbers here, and by DuckDB where it
takes the same expression. The seed of a case is in the message of its failure; WEIR_FILTER_SEED runs that one alone."""
import datetime
import math
import os
import random
from decimal import Decimal
from fractions import Fraction

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from support import FULL, WeirTest, bits, expected_sum

CASES = 400 if FULL else 40
EPOCH = datetime.datetime(1970, 1, 1)
MICROSECOND = datetime.timedelta(microseconds=1)


def number_key(value):
    """Numbers in their order: NaN is the greatest, -0 is 0."""
    if isinstance(value, float) and math.isnan(value):
        return (1, 0)
    if isinstance(value, float) and math.isinf(value):
        return (0, value)
    return (0, Fraction(value))


def literal_of_number(value):
    """A way to write an exact number."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


class Integers:
    def __init__(self, name, arrow, least, most):
        self.name, self.arrow, self.least, self.most = name, arrow, least, most

    def value(self, rng):
        if rng.random() < 0.1:
            return rng.choice([self.least, self.most])
        return min(max(rng.randint(-30, 30), self.least), self.most)

    key = staticmethod(number_key)

    def literal(self, rng):
        number = rng.choice([rng.randint(-32, 32), Decimal(rng.randint(-64, 64)) / 2, self.least, self.most, self.most + 1])
        text = literal_of_number(number)
        return text, text, number_key(number)


class Doubles:
    name, arrow = "double", pa.float64()
    values = [0.0, -0.0, 0.1, -0.1, 1.5, 2.25, -7.0, 1e300, -1e300, 5e-324, math.inf, -math.inf, math.nan]

    def value(self, rng):
        return rng.choice(self.values) if rng.random() < 0.5 else float(rng.randint(-20, 20))

    key = staticmethod(number_key)

    def literal(self, rng):
        if rng.random() < 0.1:
            word = rng.choice(["nan", "inf", "-inf"])
            return f"'{word}'", f"'{word}'::double", number_key(float(word))
        text = rng.choice(["0", "-0.0", "0.1", "-0.10", "1.5", "2.250", "-7", "20.5", "1e300", "-3e2", "0.30"])
        return text, f"{text}::double", number_key(float(text))


class Floats(Doubles):
    name, arrow = "single", pa.float32()
    values = [0.0, -0.0, 0.25, -0.5, 1.5, 3e38, math.inf, -math.inf, math.nan]

    def literal(self, rng):
        text = rng.choice(["0", "0.25", "-0.5", "1.5", "-7", "19.75"])
        return text, f"{text}::double", number_key(float(text))


class Decimals:
    def __init__(self, name, precision, scale):
        self.name, self.arrow = name, pa.decimal128(precision, scale)
        self.scale, self.most = scale, 10 ** precision - 1

    def value(self, rng):
        digits = rng.choice([rng.randint(-500, 500), rng.randint(-500, 500), self.most, -self.most])
        return Decimal(f"{digits}E-{self.scale}")  # without rounding to the precision of a context

    key = staticmethod(number_key)

    def literal(self, rng):
        number = Decimal(f"{rng.randint(-5000, 5000)}E-{self.scale + rng.randint(0, 1)}")
        return literal_of_number(number), literal_of_number(number), number_key(number)


class Texts:
    name, arrow = "text", pa.string()
    values = ["", "a", "aa", "ab", "b", "B", "it's", "\u00e4", "z" * 40, "\U0001f389"]

    def value(self, rng):
        return rng.choice(self.values) if rng.random() < 0.7 else f"n{rng.randint(0, 40):02}"

    def key(self, value):
        return value.encode()

    def literal(self, rng):
        value = self.value(rng) if rng.random() < 0.8 else self.value(rng) + "!"
        text = "'" + value.replace("'", "''") + "'"
        return text, text, value.encode()


class Booleans:
    name, arrow = "flag", pa.bool_()

    def value(self, rng):
        return rng.random() < 0.5

    def key(self, value):
        return value

    def literal(self, rng):
        value = rng.random() < 0.5
        return str(value).lower(), str(value).lower(), value


class Dates:
    name, arrow = "day", pa.date32()

    def value(self, rng):
        return datetime.date(2025, 1, 1) + datetime.timedelta(days=rng.randint(-40, 40))

    def key(self, value):
        return (datetime.datetime.combine(value, datetime.time()) - EPOCH) // MICROSECOND

    def literal(self, rng):
        value = self.value(rng)
        if rng.random() < 0.3:
            return f"{value}T12:00", f"TIMESTAMP '{value} 12:00:00'", self.key(value) + 12 * 3600 * 10 ** 6
        return str(value), f"DATE '{value}'", self.key(value)


class Moments:
    def __init__(self, name, unit, zone=None):
        self.name, self.zone, self.arrow = name, zone, pa.timestamp(unit, zone)
        self.step = {"s": 10 ** 6, "ms": 1000, "us": 1}[unit]

    def value(self, rng):
        moment = datetime.datetime(2025, 1, 1) + rng.randint(-30, 30) * datetime.timedelta(hours=8)
        moment += rng.choice([0, 0, 1, -1]) * datetime.timedelta(microseconds=self.step)
        return moment.replace(tzinfo=datetime.timezone.utc) if self.zone else moment

    def key(self, value):
        return (value.replace(tzinfo=None) - EPOCH) // MICROSECOND

    def literal(self, rng):
        value = self.value(rng).replace(tzinfo=None)
        if rng.random() < 0.3:
            value += datetime.timedelta(microseconds=1)
        sql = f"TIMESTAMPTZ '{value.isoformat()}+00'" if self.zone else f"TIMESTAMP '{value.isoformat()}'"
        text = value.isoformat(sep=rng.choice("T "))
        if self.zone:
            text += rng.choice(["", "Z"])
        elif value.time() == datetime.time() and rng.random() < 0.5:
            text = str(value.date())
        return text, sql, self.key(value)


class Times:
    name, arrow = "clock", pa.time64("us")

    def value(self, rng):
        return datetime.time(rng.randint(0, 23), rng.choice([0, 30]), 0, rng.choice([0, 1, 500000]))

    def key(self, value):
        return ((value.hour * 60 + value.minute) * 60 + value.second) * 10 ** 6 + value.microsecond

    def literal(self, rng):
        value = self.value(rng)
        return value.isoformat(), f"TIME '{value.isoformat()}'", self.key(value)


KINDS = [Integers("tiny", pa.int8(), -128, 127), Integers("int", pa.int32(), -2 ** 31, 2 ** 31 - 1),
         Integers("path", pa.int64(), -2 ** 63, 2 ** 63 - 1), Integers("word", pa.uint32(), 0, 2 ** 32 - 1),
         Integers("long word", pa.uint64(), 0, 2 ** 64 - 1), Doubles(), Floats(), Decimals("price", 9, 2),
         Decimals("amount", 30, 4), Texts(), Booleans(), Dates(), Moments("seen", "us"), Moments("Date", "ms"),
         Moments("zoned", "us", "UTC"), Times()]


# ---- expressions: as weir has them, as SQL has them, and what they are of a row: True, False or None for NULL ----------

def spell(rng, word):
    return rng.choice([word, word.upper(), word.capitalize()])


def named(kind):
    quoted = '"' + kind.name + '"'
    return (kind.name if " " not in kind.name else quoted), quoted


def negate(truth):
    return None if truth is None else not truth


def all_of(truths):
    truths = list(truths)
    return False if False in truths else None if None in truths else True


def any_of(truths):
    return negate(all_of(negate(truth) for truth in truths))


COMPARISONS = {"=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
               ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}
TURNED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def comparison(rng, kind):
    text, sql, bound = kind.literal(rng)
    sign = rng.choice(list(COMPARISONS))
    written = {"=": ["=", "=="], "<>": ["<>", "!="]}.get(sign, [sign])
    name, quoted = named(kind)
    blank = rng.choice(["", " "])

    def holds(row):
        return None if row[kind.name] is None else COMPARISONS[sign](kind.key(row[kind.name]), bound)
    if rng.random() < 0.2:
        return f"{text} {TURNED[sign]} {name}", f"{sql} {TURNED[sign]} {quoted}", holds
    return f"{name}{blank}{rng.choice(written)}{blank}{text}", f"{quoted} {sign} {sql}", holds


def membership(rng, kind):
    literals = [kind.literal(rng) for _ in range(rng.choice([1, 2, 5, 40]))]
    name, quoted = named(kind)
    turned = rng.random() < 0.3
    keys = [literal[2] for literal in literals]

    def holds(row):
        return None if row[kind.name] is None else (kind.key(row[kind.name]) in keys) != turned
    word = f"{spell(rng, 'not') + ' ' if turned else ''}{spell(rng, 'in')}"
    return (f"{name} {word} ({', '.join(literal[0] for literal in literals)})",
            f"{quoted} {'not ' if turned else ''}in ({', '.join(literal[1] for literal in literals)})", holds)


def between(rng, kind):
    low, high = kind.literal(rng), kind.literal(rng)
    if rng.random() < 0.8 and low[2] > high[2]:
        low, high = high, low
    name, quoted = named(kind)
    turned = rng.random() < 0.3

    def holds(row):
        return None if row[kind.name] is None else (low[2] <= kind.key(row[kind.name]) <= high[2]) != turned
    word = "not between" if turned else "between"
    return f"{name} {word} {low[0]} and {high[0]}", f"{quoted} {word} {low[1]} and {high[1]}", holds


def nullness(rng, kind):
    name, quoted = named(kind)
    turned = rng.random() < 0.5
    word = "is not null" if turned else "is null"
    return f"{name} {spell(rng, word)}", f"{quoted} {word}", lambda row: (row[kind.name] is None) != turned


def expression(rng, kinds, depth):
    """(for weir, for SQL, truth of a row)"""
    choice = rng.random()
    if depth == 0 or choice < 0.3:
        kind = rng.choice(kinds)
        if isinstance(kind, Booleans) and rng.random() < 0.5:
            name, quoted = named(kind)
            return name, quoted, lambda row: row[kind.name]
        return rng.choice([comparison, comparison, comparison, membership, between, nullness])(rng, kind)
    if choice < 0.45:
        text, sql, holds = expression(rng, kinds, depth - 1)
        return f"{spell(rng, 'not')} ({text})", f"not ({sql})", lambda row: negate(holds(row))
    parts = [expression(rng, kinds, depth - 1) for _ in range(rng.randint(2, 3))]
    word, joined = rng.choice([("and", all_of), ("or", any_of)])
    return (f" {spell(rng, word)} ".join(f"({part[0]})" for part in parts),
            f" {word} ".join(f"({part[1]})" for part in parts), lambda row: joined(part[2](row) for part in parts))


# ---- files --------------------------------------------------------------------------------------------------------------

def column(rng, kind, rows):
    """Values of a kind: few or many different ones, sorted or not, with NULLs strewn in or in runs."""
    values = [kind.value(rng) for _ in range(rows)]
    if rng.random() < 0.3:
        values = [rng.choice(values[:4]) for _ in range(rows)]
    if rng.random() < 0.5:
        values.sort(key=kind.key)
    share = rng.choice([0, 0, 0.05, 0.5, 1]) if rng.random() < 0.9 else 0
    values = [None if rng.random() < share else value for value in values]
    if rng.random() < 0.3:
        start = rng.randrange(rows)
        values[start:start + rows // 3] = [None] * len(values[start:start + rows // 3])
    return values


def random_table(rng, kinds):
    rows = rng.choice([1, 40, 300, 700])
    columns = {"k": pa.array([rng.randint(0, 5) for _ in range(rows)], pa.int32()),
               "v": pa.array([rng.choice([None, rng.gauss(0, 1), 1e16, -1e16, 0.1]) for _ in range(rows)], pa.float64())}
    for kind in kinds:
        columns[kind.name] = pa.array(column(rng, kind, rows), kind.arrow)
    return pa.table(columns)


def write_random(rng, table, path):
    names = [name for name in table.column_names if table[name].type != pa.bool_()]
    blooms = {name: {"ndv": 100, "fpp": 0.01} for name in names} if rng.random() < 0.4 else None
    pq.write_table(table, path, row_group_size=rng.choice([7, 100, 350, 10000]), max_rows_per_page=rng.choice([3, 20, 20000]),
                   data_page_size=rng.choice([64, 1 << 20]), write_batch_size=rng.choice([1, 10, 1024]),
                   write_page_index=rng.random() < 0.7, use_dictionary=rng.random() < 0.6,
                   dictionary_pagesize_limit=rng.choice([100, 1 << 20]), write_statistics=rng.random() < 0.9,
                   data_page_version=rng.choice(["1.0", "2.0"]), compression=rng.choice(["none", "snappy", "zstd"]),
                   store_decimal_as_integer=rng.random() < 0.5, bloom_filter_options=blooms)


def expected_groups(rows, holds):
    """k: (rows taken, sum of v)"""
    groups = {}
    for row in rows:
        if holds(row) is True:
            groups.setdefault(row["k"], []).append(row["v"])
    return {k: (len(values), bits(expected_sum(values))) for k, values in groups.items()}


class Filters(WeirTest):
    agreed = 0

    def ask_duckdb(self, files, sql, expected, context):
        """DuckDB's counts are the same, where it takes the expression: it does not take all numbers."""
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            # DuckDB lets bounds of floats rule out NaN, which its own order has above them: all rows are to be asked.
            connection.execute("SET disabled_optimizers = 'filter_pushdown,statistics_propagation'")
            try:
                found = connection.execute(f"SELECT k, count(*) FROM read_parquet(?) WHERE {sql} GROUP BY k", [files]).fetchall()
            except duckdb.Error:
                return
        self.assertEqual(dict(found), {k: count for k, (count, _) in expected.items()}, f"DuckDB {context}")
        self.agreed += 1

    def check_case(self, seed):
        rng = random.Random(seed)
        kinds = rng.sample(KINDS, rng.randint(1, 4))
        tables = [random_table(rng, kinds) for _ in range(rng.choice([1, 1, 3]))]
        files = [str(self.folder / f"{seed}-{number}.parquet") for number in range(len(tables))]
        for table, path in zip(tables, files):
            write_random(rng, table, path)
        rows = [row for table in tables for row in table.to_pylist()]
        for _ in range(5):
            text, sql, holds = expression(rng, kinds, rng.randint(0, 3))
            context = f"seed {seed}: {text}"
            expected = expected_groups(rows, holds)
            self.ask_duckdb(files, sql, expected, context)
            result = self.sum(files, "--agg", "count:*,sum:v", "--where", text, by="k")
            found = {row["k"]: (row["count"], bits(row["v_sum"])) for row in result.to_pylist()}
            self.assertEqual(found, expected, context)

    def test_random_filters(self):
        chosen = os.environ.get("WEIR_FILTER_SEED")
        for seed in [int(chosen)] if chosen else range(CASES):
            self.check_case(seed)
        self.assertTrue(chosen or self.agreed > 2 * CASES, "DuckDB takes most expressions")
