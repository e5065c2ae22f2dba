"""Ledgers written by Python's own sqlite3, with the tables that src/ledger/schema.c makes.

The statements are read from that file, so that a change there is a change here; weir refuses a ledger
whose tables differ.
"""
import json
import re
import sqlite3
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SECOND = 10**9


def _statements():
    text = (ROOT / "src/ledger/schema.c").read_text()
    body = text[text.index("tables[] = {"):text.index("#define TABLE_COUNT")]
    pieces, statements = [], []
    for match in re.finditer(r'"((?:[^"\\]|\\.)*)"(\s*,)?', body):
        pieces.append(match.group(1))
        if match.group(2):
            statements.append("".join(pieces))
            pieces = []
    return statements


def _pragmas():
    text = (ROOT / "src/ledger/schema.h").read_text()
    return {name: int(value, 0) for name, value in re.findall(r"#define SCHEMA_(\w+)\s+(0x[0-9a-fA-F]+|\d+)", text)}


class Ledger:
    """weir-out/ledger.sqlite below a folder, and what is kept of attempts beside it."""

    def __init__(self, folder, name="weir-out"):
        self.folder = Path(folder) / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = self.folder / "ledger.sqlite"
        self.database = sqlite3.connect(self.path)
        self.database.execute("PRAGMA journal_mode = WAL")
        for statement in _statements():
            self.database.execute(statement)
        pragmas = _pragmas()
        self.database.execute(f"PRAGMA application_id = {pragmas['APPLICATION']}")
        self.database.execute(f"PRAGMA user_version = {pragmas['VERSION']}")
        self.database.commit()

    def _add(self, table, **values):
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        return self.database.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values())).lastrowid

    def run(self, status="ok", command="weir exec --batch jobs.jsonl", started=1_700_000_000 * SECOND, seconds=60):
        ended = 0 if status == "running" else started + int(seconds * SECOND)
        return self._add("run", status=status, started=started, ended=ended, identity="identity", command=command)

    def job(self, run, name, state="ok"):
        return self._add("step", run=run, state=state, name=name, digest="digest")

    def attempt(self, step, number, verdict="ok", figure=0, peak=0, wall_ns=0, report=None, samples=None, folder=None,
                started=1_700_000_000 * SECOND):
        ended = 0 if verdict == "running" else started + wall_ns
        return self._add("attempt", step=step, number=number, verdict=verdict, figure=figure, peak=peak,
                         wall_ns=wall_ns, started=started, ended=ended, folder=folder,
                         report=None if report is None else json.dumps(report),
                         samples=None if samples is None else json.dumps(samples))

    def files(self, run, job, number, **contents):
        """Writes what is kept of an attempt: stdout_log=b"..." is stdout.log."""
        folder = self.folder / "work" / str(run) / job / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name.replace("_", ".")).write_bytes(content)
        return folder

    def commit(self):
        self.database.commit()

    def close(self):
        """Harmless when it is closed."""
        if self.database is not None:
            self.database.commit()
            self.database.close()
        self.database = None
