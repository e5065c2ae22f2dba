"""Calls: from Python's arguments to the program's, and what comes back."""
import os
import pickle
import signal
import sys
import unittest
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import weir
from weir import _arguments as arguments
from weir._progress import parse, sentence
from case import Case, table

DOCUMENT = '{"plan": {}, "report": {"result_rows": 0}}'


class TestArguments(unittest.TestCase):
    def test_keys(self):
        self.assertEqual(arguments.by_arguments("path,Date"), ["--by=path,Date"])
        self.assertEqual(arguments.by_arguments(["path", "a,b", "c\\d"]), ["--by=path,a\\,b,c\\\\d"])
        self.assertEqual(arguments.key_names("a\\,b,c"), ["a,b", "c"])
        self.assertEqual(arguments.by_arguments(None), [])
        with self.assertRaises(TypeError):
            arguments.by_arguments([5])

    def test_aggregates(self):
        expected = ["sum:value=total", "count:*=rows"]
        for agg in ("sum:value=total,count:*=rows", ["sum:value=total", "count:*=rows"],
                    {"total": ("sum", "value"), "rows": "count"}, {"total": "sum:value", "rows": ("count", "*")},
                    [("sum", "value", "total"), ("count", "*", "rows")]):
            self.assertEqual(arguments.aggregate_items(agg), expected, agg)
        self.assertEqual(arguments.aggregate_items(("sum", "value")), ["sum:value"])
        self.assertEqual(arguments.aggregate_items({"a=b,c": ("sum", "x=y,z")}), ["sum:x\\=y\\,z=a\\=b\\,c"])
        for agg in ([5], {"x": 5}, {"x": ("sum",)}, {5: "sum:v"}, [("sum", "a", "b", "c")]):
            with self.assertRaises(TypeError):
                arguments.aggregate_items(agg)

    def test_columns_of_aggregates(self):
        items = arguments.aggregate_items({"a": ("sum", "x=y,z"), "b": "mean:v", "rows": "count"})
        self.assertEqual(arguments.aggregate_columns(items), {"x=y,z", "v"})

    def test_paths(self):
        self.assertEqual(arguments.path_arguments(["a.parquet", Path("@b"), Path("-"), "*.parquet"]),
                         (["--", "a.parquet", "./@b", "./-", "*.parquet"], None))
        for wrong in ("-", "a\0b"):
            with self.assertRaises(weir.UsageError):
                arguments.path_arguments([wrong])

    def test_sizes(self):
        self.assertEqual((arguments.size_text(1 << 26), arguments.size_text("64MiB")), ("67108864B", "64MiB"))
        with self.assertRaises(TypeError):
            arguments.size_text(1.5)

    def test_progress(self):
        self.assertEqual(parse("phase adding\nread 5 of 20 files\nother\nphase writing\n"),
                         {"phase": "writing", "done": 5, "total": 20, "unit": "files"})
        self.assertEqual(parse("read 7\nphase\n")["done"], 7)
        self.assertEqual(sentence(parse("phase adding\nread 5 of 20 files\n")), "adding, 25 % of 20 files")
        self.assertEqual(sentence(parse("phase adding\nread 1073741824 of 4294967296 bytes\n")), "adding, 25 % of 4 GiB")
        self.assertEqual(sentence(parse("phase listing\nread 5 files\n")), "listing, 5 files")


class TestCalls(Case):
    def arguments_of(self, *positional, **options):
        """The command line that a call makes."""
        self.program(f"printf '%s\\n' \"$@\" >{self.folder}/arguments\necho '{DOCUMENT}'")
        weir.sum(*positional, output="out.parquet", **dict({"agg": "sum:v"}, **options))
        return (self.folder / "arguments").read_text().splitlines()

    def test_every_option(self):
        found = self.arguments_of("x.parquet", by="k", where="a > 1", sort=True, rename={"old": "new", "a=b": "c,d"},
                                  memory="64MiB", threads=3, temp="/t", cache="/c", verify_keys=True, format="csv",
                                  compression="zstd:3", overwrite=True)
        expected = ["sum", "--by=k", "--agg=sum:v", "--json", "--progress=never", "--memory=64MiB", "--threads=3",
                    "--where=a > 1", "--temp=/t", "--cache=/c", "--sort", "--verify-keys", "--rename=old=new",
                    "--rename=a\\=b=c\\,d", "--output=out.parquet", "--format=csv", "--compression=zstd:3", "--overwrite",
                    "--", "x.parquet"]
        self.assertEqual(found, expected)

    def test_no_option(self):
        self.assertEqual(self.arguments_of("x", cache=True),
                         ["sum", "--agg=sum:v", "--json", "--progress=never", "--output=out.parquet", "--", "x"])
        self.assertIn("--no-cache", self.arguments_of("x", cache=False))

    def test_paths_globs_and_lists(self):
        paths = self.files()
        whole = pa.table(weir.sum(paths, by="path,Date", agg="sum:value"))
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        for inputs in (self.folder, str(self.folder / "part-*.parquet"), "*.parquet", [str(path) for path in paths],
                       tuple(paths), set(paths), [paths[0], "part-1.parquet", "part-[2].parquet"]):
            self.assertEqual(pa.table(weir.sum(inputs, by="path,Date", agg="sum:value")), whole, inputs)

    def test_more_paths_than_a_command_line_holds(self):
        path = self.folder / "one.parquet"
        pq.write_table(table(rows=30), path)
        texts = [f"{self.folder}/{'./' * 200}one.parquet"] * 600 + [f"{self.folder}/on?.parquet"]
        self.assertGreater(sum(map(len, texts)), 200_000)
        self.assertEqual(weir.sum(texts, by="path,Date", agg="sum:value").report.rows_read, 30 * 601)
        with self.assertRaises(weir.UsageError):
            weir.sum([*texts, "a\nb"], by="path", agg="sum:value")

    def test_written(self):
        target = self.folder / "out.csv"
        written = self.sum(output=target)
        self.assertEqual((written.path, written.report.result_rows), (str(target), 3000))
        self.assertEqual(len(target.read_text().splitlines()), 3001)
        with self.assertRaises(weir.ExistsError):
            self.sum(output=target)
        self.sum(output=target, overwrite=True)

    def test_threads_and_order_do_not_matter(self):
        paths = self.files()
        results = [pa.table(weir.sum(order, by=["path", "Date"], agg="sum:value", threads=threads, sort=True))
                   for order in (paths, paths[::-1]) for threads in (1, 2)]
        self.assertTrue(all(result.equals(results[0]) for result in results))

    def test_same_bits_as_the_program(self):
        import subprocess
        paths = self.files(nulls=True)
        subprocess.run([weir.program(), "sum", "--by", "path,Date", "--agg", "sum:value,mean:value", "-q", "-o",
                        self.folder / "out", "--format", "parquet", *paths], check=True)
        found = weir.sum(paths, by="path,Date", agg="sum:value,mean:value").to_pyarrow()
        self.assertEqual(found.select([2, 3]), pq.read_table(self.folder / "out").select([2, 3]))

    def test_plan(self):
        paths = self.files()
        plan = weir.plan(paths, by="path,Date", agg={"total": ("sum", "value")}, memory="64MiB")
        self.assertEqual((plan.files, plan.rows, plan.way), (3, 9000, "aligned"))
        self.assertEqual((plan.memory.ceiling_bytes, plan.raw["keys"]), (64 << 20, 3000))
        self.assertTrue(0 < plan.memory.promised_bytes <= 64 << 20)
        self.assertGreater(plan.memory.smallest_bytes, 0)
        self.assertGreater(len(plan.memory.parts), 3)
        with self.assertRaises(TypeError):
            weir.plan([table()], agg="sum:value")

    def test_inspect(self):
        paths = self.files(count=2)
        first, second = weir.inspect(paths)
        self.assertEqual((first.file, second.file), tuple(map(str, paths)))
        self.assertEqual((first.rows, first.row_groups), (3000, 1))
        self.assertEqual([(column.name, column.type, column.nested) for column in first.columns],
                         [("path", "int64", False), ("Date", "timestamp[us]", False), ("value", "double", False)])
        self.assertEqual(first.columns[2].arrow_bytes, 24000)
        summary, = weir.inspect(paths[0], summary=True, memory="128MiB")
        self.assertNotEqual(summary.raw, first.raw)
        (self.folder / "bad.parquet").write_text("no")
        with self.assertRaises(weir.InputError):
            weir.inspect([paths[0], self.folder / "bad.parquet"])

    def test_program(self):
        self.assertTrue(weir.program().endswith("site-packages/weir/bin/weir"), weir.program())
        self.assertEqual(os.path.realpath(sys.prefix), os.path.realpath(Path(weir.program()).parents[5]))
        status, out, _ = self.python("import runpy, sys; sys.argv = ['weir', 'version']; "
                                     "runpy.run_module('weir', run_name='__main__')")
        self.assertEqual((status, out.split()[1]), (0, weir.__version__))


class TestErrors(Case):
    def fails(self, kind, *positional, **options):
        with self.assertRaises(kind) as raised:
            weir.sum(*positional, **dict({"agg": "sum:value", "by": "path,Date"}, **options))
        return raised.exception

    def test_fields(self):
        paths = self.files()
        error = self.fails(weir.MismatchError, paths, by="pat")
        self.assertEqual((error.code, error.file, error.row_group), ("mismatch", str(paths[0]), None))
        self.assertIn("pat", error.what)
        self.assertIn("path", error.hint)
        self.assertIsInstance(error, ValueError)
        self.assertEqual(str(error), f"{error.what} ({paths[0]}). Try: {error.hint}")

    def test_kinds(self):
        paths = self.files()
        self.assertIsInstance(self.fails(weir.FileError, "nowhere.parquet"), OSError)
        self.assertIsInstance(self.fails(weir.MemoryLimitError, paths, memory="1MiB"), MemoryError)
        self.assertIn("summ", self.fails(weir.UsageError, paths, agg="summ:value").what)
        self.assertIn("nothing to compute", self.fails(weir.UsageError, paths, agg=[]).what)
        self.assertIn("nothing to add up", self.fails(weir.UsageError, []).what)
        self.assertIn("standard output", self.fails(weir.UsageError, paths, output="-").what)
        self.assertIn("are for a file", self.fails(weir.UsageError, paths, format="csv").what)
        (self.folder / "bad.parquet").write_bytes(b"PAR1" + bytes(100) + b"PAR1")
        self.assertEqual(self.fails(weir.InputError, self.folder / "bad.parquet").file, str(self.folder / "bad.parquet"))
        error = self.fails(weir.Error, paths, by=[f"column {number} of very many" for number in range(100_000)])
        self.assertEqual(error.code, "usage")

    def test_mismatch_has_no_result(self):
        paths = self.files()
        pq.write_table(table().rename_columns(["path", "Date", "other"]), paths[1])
        self.assertEqual(self.fails(weir.MismatchError, paths).file, str(paths[1]))

    def test_pickle(self):
        error = self.fails(weir.Error, "nowhere.parquet")
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((type(again), str(again), vars(again)), (type(error), str(error), vars(error)))
        killed = pickle.loads(pickle.dumps(weir.KilledError("it ended", signal=9, hint="x")))
        self.assertEqual((killed.signal, killed.code, killed.hint), (9, "killed", "x"))

    def test_killed(self):
        self.program("kill -KILL $$")
        error = self.fails(weir.KilledError, "x")
        self.assertEqual((error.signal, error.code), (signal.SIGKILL, "killed"))
        self.assertIn("SIGKILL", str(error))

    def test_ends_without_a_word(self):
        self.program("exit 3")
        self.assertIn("status 3", str(self.fails(weir.InternalError, "x")))
        self.program("echo something bad >&2; exit 1")
        self.assertIn("something bad", str(self.fails(weir.InternalError, "x")))
        self.program("exit 0")
        self.fails(weir.InternalError, "x")

    def test_no_result(self):
        self.program(f"echo 'no Arrow stream'; echo '{DOCUMENT}' >&2")
        self.assertIn("no Arrow stream", str(self.fails(weir.InternalError, "x")))

    def test_damaged_results(self):
        """Streams cut off and with bytes changed: an error, or a result; never a crash."""
        import random
        import subprocess
        source = self.folder / "stream"
        with open(source, "wb") as file:
            subprocess.run([weir.program(), "sum", "--by=path,Date", "--agg=sum:value", "-o-", "--format=arrow", "-q",
                            *self.files(count=1, rows=30)], stdout=file, check=True)
        whole, seed = source.read_bytes(), random.randrange(1 << 30)
        chance = random.Random(seed)
        from weir import _ipc_read
        for _ in range(3000):
            data = bytearray(whole[:chance.randrange(len(whole))] if chance.random() < 0.2 else whole)
            for _ in range(chance.randrange(4)):
                if data:
                    data[chance.randrange(min(len(data), 700))] = chance.randrange(256)
            try:
                stream = _ipc_read.read_stream(memoryview(bytes(data)), 0)
            except (_ipc_read.Malformed, KeyError, IndexError, OverflowError):
                continue
            addresses = [number for number in stream.numbers if number > len(data)]
            self.assertTrue(len(addresses) <= 2 * stream.batch_count * (1 + len(stream.fields)), f"seed {seed}")

    def test_no_program(self):
        self.environment(WEIR_BINARY="/nowhere/weir")
        self.assertIsInstance(self.fails(weir.ProgramNotFoundError, "x"), FileNotFoundError)


class TestRuns(Case):
    """While the program runs."""

    def test_progress(self):
        self.program(f"""
            echo 'phase proving' >$WEIR_PROGRESS
            sleep 0.3
            printf 'phase adding\\nread 5 of 20 files\\n' >$WEIR_PROGRESS
            sleep 0.3
            echo '{DOCUMENT}'""")
        told = []
        weir.sum("x", agg="sum:v", output="out", progress=told.append)
        self.assertEqual([(each["phase"], each["done"], each["total"], each["unit"]) for each in told],
                         [("proving", None, None, None), ("adding", 5, 20, "files")])
        self.assertTrue(all(each["elapsed"] > 0 for each in told))

    def test_progress_of_the_program(self):
        told = []
        for _ in range(20):
            self.sum(progress=told.append)
        self.assertLessEqual({each["phase"] for each in told}, {"listing", "proving", "adding", "writing", "done", "grouping",
                                                                "merging"})

    def test_progress_that_fails(self):
        self.program(f"""
            trap 'echo stopped >{self.folder}/stopped; exit 1' TERM
            echo 'phase adding' >$WEIR_PROGRESS
            i=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done""")

        def refuse(told):
            raise LookupError("no display")
        with self.assertRaises(LookupError):
            weir.sum("x", agg="sum:v", output="out", progress=refuse)
        self.assertTrue((self.folder / "stopped").exists())

    def test_progress_file_of_others(self):
        """Whoever watches this process sees the program's progress, and the file stays."""
        told = self.folder / "told"
        self.environment(WEIR_PROGRESS=told)
        self.program(f"echo 'phase adding' >>$WEIR_PROGRESS\necho '{DOCUMENT}'")
        weir.sum("x", agg="sum:v", output="out")
        self.assertEqual(told.read_text(), "phase adding\n")

    def interrupted(self, script, text, seconds=0.5):
        """Another interpreter that runs a program, gets Ctrl-C as a terminal sends it, and says how it ended."""
        import subprocess
        import time
        self.program(script)
        child = subprocess.Popen([sys.executable, "-c", text], cwd=self.folder, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, start_new_session=True)
        began = self.folder / "began"
        for _ in range(600):
            if began.exists():
                break
            time.sleep(0.05)
        time.sleep(0.2)
        os.killpg(child.pid, signal.SIGINT)
        out, err = child.communicate(timeout=60)
        return child.returncode, out, err

    SUMS = ("import weir\ntry:\n    weir.sum('x', agg='sum:v', output='out')\n"
            "except KeyboardInterrupt:\n    print('interrupted')")

    def test_interrupt(self):
        """The program cleans up before the exception goes on."""
        status, out, err = self.interrupted(f"""
            touch temporary
            trap 'sleep 0.2; rm temporary; exit 130' INT TERM
            touch began
            i=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done""", self.SUMS)
        self.assertEqual((status, out, err), (0, "interrupted\n", ""))
        self.assertFalse((self.folder / "temporary").exists())

    def test_interrupt_of_a_stubborn_program(self):
        grace = "import weir._run\nweir._run.GRACE = 0.3\n"
        status, out, _ = self.interrupted("""
            trap '' INT TERM
            echo $$ >process
            touch began
            i=0; while [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done""", grace + self.SUMS)
        self.assertEqual((status, out), (0, "interrupted\n"))
        with self.assertRaises(ProcessLookupError):
            os.kill(int((self.folder / "process").read_text()), 0)

    def test_interrupt_while_frames_are_written(self):
        text = ("import weir, pyarrow as pa\nframe = pa.table({'v': list(range(1000000))})\ntry:\n"
                "    weir.sum((frame for _ in range(1000)), agg='sum:v')\n"
                "except KeyboardInterrupt:\n    print('interrupted')")
        status, out, err = self.interrupted("touch began\nsleep 60", text)
        self.assertEqual((status, out, err), (0, "interrupted\n", ""))

    def test_interrupt_of_the_program_itself(self):
        """Nothing of a real sum is left."""
        target = self.folder / "out.parquet"
        self.files()
        text = ("import os, signal, threading, weir\n"
                "threading.Timer(0.05, lambda: os.killpg(0, signal.SIGINT)).start()\n"
                "try:\n    while True:\n        weir.sum('part-*.parquet', by='path,Date', agg='sum:value',"
                " output='out.parquet', overwrite=True)\nexcept KeyboardInterrupt:\n    print('interrupted')")
        import subprocess
        before = set(os.listdir(self.folder))
        done = subprocess.run([sys.executable, "-c", text], cwd=self.folder, stdout=subprocess.PIPE, text=True,
                              start_new_session=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, "interrupted\n"))
        self.assertLessEqual(set(os.listdir(self.folder)) - before, {target.name})

    def test_program_that_stops_reading(self):
        """Even where the application wants to be ended by SIGPIPE, it is not by this pipe."""
        self.program("""
            echo '{"error": {"code": "mismatch", "message": "enough"}}' >&2
            exec <&-
            exit 1""")
        frame = pa.table({"v": list(range(1_000_000))})
        for action in (signal.SIG_IGN, signal.SIG_DFL):
            before = signal.signal(signal.SIGPIPE, action)
            try:
                with self.assertRaises(weir.MismatchError):
                    weir.sum([frame] * 5, agg="sum:v")
            finally:
                signal.signal(signal.SIGPIPE, before)

    def test_frames_arrive_whole(self):
        """What is piped, through a reader that is slow."""
        self.program(f"""
            dd bs=7777 status=none >{self.folder}/sent
            echo '{DOCUMENT}' >&2
            cat {self.folder}/empty""")
        schema = pa.schema([("v", pa.int64())])
        with pa.ipc.new_stream(self.folder / "empty", schema):
            pass
        frames = [pa.table({"k": [str(i) for i in range(100_000)], "v": list(range(100_000))}) for _ in range(3)]
        result = weir.sum(iter(frames), by="k", agg="sum:v")
        self.assertEqual(len(result), 0)
        with open(self.folder / "sent", "rb") as file:
            found = [pa.ipc.open_stream(file).read_all() for _ in frames]
        self.assertEqual(found, frames)

    def test_threads(self):
        """Many sums at once, also outside the main thread."""
        from concurrent.futures import ThreadPoolExecutor
        paths = self.files()
        expected = pa.table(weir.sum(paths, by="path,Date", agg="sum:value"))
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _: pa.table(weir.sum(paths, by="path,Date", agg="sum:value")), range(12)))
        self.assertTrue(all(each.equals(expected) for each in found))


if __name__ == "__main__":
    unittest.main()
