"""Decimals in byte arrays, as old writers of Avro's habit make them: any length, sign bytes in front or none."""
from decimal import Context, Decimal, localcontext
from fractions import Fraction
import random
import struct

import pyarrow as pa
import pyarrow.parquet as pq

import support
from support import WeirTest, fastparquet

DECIMAL = 5  # ConvertedType


def big_endian(number, rng):
    """Two's complement of some length that holds the number."""
    least = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return number.to_bytes(least + rng.choice((0, 0, 1, 20)), "big", signed=True)


def annotate(path, name, precision, scale):
    """Says in the footer that a column of bytes holds decimals; pyarrow itself writes no such thing."""
    metadata = fastparquet.ParquetFile(str(path)).fmd
    for element in metadata.schema:
        if element.name in (name, name.encode()):
            element.converted_type, element.precision, element.scale = DECIMAL, precision, scale
    content = path.read_bytes()
    data = content[:-8 - struct.unpack("<I", content[-8:-4])[0]]
    footer = metadata.to_bytes()
    path.write_bytes(data + footer + struct.pack("<I", len(footer)) + b"PAR1")


class DecimalsInByteArrays(WeirTest):
    ROWS = 200

    def write(self, name, numbers, precision, scale, rng, **options):
        values = pa.array([None if n is None else big_endian(n, rng) for n in numbers], pa.binary())
        table = pa.table({"key": pa.array(range(len(numbers))), "value": values})
        pq.write_table(table, self.folder / name, store_schema=False, write_statistics=False, **options)
        annotate(self.folder / name, "value", precision, scale)

    def numbers(self, digits, rng):
        return [None if rng.random() < .1 else rng.randint(-10**digits + 1, 10**digits - 1) // 10**rng.randrange(digits)
                for _ in range(self.ROWS)]

    def test_sums_means_and_extrema(self):
        for digits in (3, 9, 18, 37, 38, 39, 74):
            rng = random.Random(digits)
            files = [self.numbers(digits, rng) for _ in range(4)]
            for number, (numbers, options) in enumerate(zip(files, (
                    {}, {"compression": "zstd", "data_page_version": "2.0", "row_group_size": 77},
                    {"use_dictionary": False, "column_encoding": {"value": "DELTA_BYTE_ARRAY", "key": "PLAIN"}},
                    {"use_dictionary": False, "column_encoding": {"value": "DELTA_LENGTH_BYTE_ARRAY", "key": "PLAIN"}}))):
                self.write(f"{number}.parquet", numbers, digits, 2, rng, **options)
            result = self.sum([f"{n}.parquet" for n in range(4)], "--agg", "sum:value,mean:value,min:value,max:value,count:value",
                              by="key")
            rows = [[n for n in row if n is not None] for row in zip(*files)]
            with self.subTest(digits=digits), localcontext(Context(prec=120)):
                scaled = [[Decimal(n).scaleb(-2) for n in row] for row in rows]
                self.assertEqual(result["value_sum"].to_pylist(), [sum(row) if row else None for row in scaled])
                self.assertEqual(result["value_min"].to_pylist(), [min(row, default=None) for row in scaled])
                self.assertEqual(result["value_max"].to_pylist(), [max(row, default=None) for row in scaled])
                self.assertEqual(result["value_count"].to_pylist(), [len(row) for row in rows])
                means = [support.round_to_double(Fraction(sum(row), 100 * len(row))) if row else None for row in rows]
                self.assertEqual(result["value_mean"].to_pylist(), means)

    def test_a_number_beyond_its_type_is_refused(self):
        self.write("wide.parquet", [1, 2**200, 3], 20, 2, random.Random(1))
        run = support.run("sum", "--by", "key", "--sum", "value", "wide.parquet", cwd=self.folder)
        self.assertEqual(run.status, 1)
        self.assertIn("precision", run.err)
