#!/usr/bin/env python3
"""Reads every foreign file of the corpus with weir and compares with what other readers agree on.

usage: test/oracle/conformance.py [--weir build/weir] [-k WORD] [--jobs 2] [--sanitized] [--peers pyarrow,duckdb,polars]
                                  [--mutants 300] [--seed 1] [--report docs/CONFORMANCE.md]

The corpus (tools/corpus.sh) brings its own judge: check() of conform.py says whether an answer is right, run() of
fuzzcli.py how a command ended. A file that two readers agree on must be read and be right: every value of a flat
column, by its digest. A damaged or encrypted one must be refused in words; of a doubtful one weir may give the answer
or refuse. conformance-differences.txt names what weir answers differently on purpose.

--peers also asks other readers, --mutants also gives all of them damaged variants, --report writes both down.
Prints "N passed, N failed"; "0 passed, 0 failed, 1 skipped" without a corpus.
"""
import argparse
import collections
import importlib
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

from conformance_differences import accepted_differences

ROOT = Path(__file__).resolve().parent.parent.parent
MUST_REFUSE = {"bad", "encrypted", "bad_checksum"}
GOOD = {"right", "difference"}
SUMMARY = ("--summary", "--json", "--raw")  # with a digest of every value


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weir", default=os.environ.get("WEIR", str(ROOT / "build" / "weir")))
    parser.add_argument("-k", dest="word", default="", help="only files whose path or class holds this")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sanitized", action="store_true", default=os.environ.get("WEIR_SANITIZED") == "1",
                        help="the binary has AddressSanitizer: no limit of its address space, more time")
    parser.add_argument("--peers", default="", help="pyarrow,duckdb,polars,datafusion")
    parser.add_argument("--mutants", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", help="the document to write")
    return parser.parse_args()


def corpus_folder():
    """Where the corpus is; None, and why on stderr, where there is none."""
    done = subprocess.run([ROOT / "tools" / "corpus.sh"], stdout=subprocess.PIPE, text=True)
    return Path(done.stdout.strip()) if done.returncode == 0 else None


def module_of(corpus, name):
    """One of the corpus's own scripts."""
    if str(corpus) not in sys.path:
        sys.path.insert(0, str(corpus))
    return importlib.import_module(name)


def limits(choice):
    """As run() of fuzzcli.py wants them. The sanitizer's shadow is neither weir's memory nor its time."""
    slow = 5 if choice.sanitized else 1
    return SimpleNamespace(as_mib=0 if choice.sanitized else 2048, cpu=20 * slow, wall=60 * slow,
                           rss_mib=1024 * slow, keep_out=64 << 20)


def complaint_column(complaint, record):
    """Which column a complaint of check() is about; "*": the file."""
    names = sorted((column["name"] for column in record.get("columns", [])), key=len, reverse=True)
    return next((name for name in names if complaint.lstrip("~").startswith(f"{name}.")), "*")


class Judge:
    """Says what became of one file: right, difference, wrong, refused, accepted, or how the reader ended."""

    def __init__(self, corpus):
        self.check = module_of(corpus, "conform").check
        self.accepted = accepted_differences()

    def outcome(self, record, ended, answer, why, forgiving=False):
        """ended is a word of fuzzcli.py; answer the parsed JSON where it is "ok"; forgiving: differences may be
        accepted. Returns (outcome, why)."""
        if ended == "clean_error":
            return ("refused" if record["class"] == "valid" else "right"), why
        if ended != "ok":
            return ended, why
        known = self.accepted.get(record["file"], {}) if forgiving else {}
        if record["class"] in MUST_REFUSE:
            return ("difference" if "*" in known else "accepted"), "it should have been refused"
        if not isinstance(answer, dict):
            return "wrong", "no JSON object"
        complaints = self.check(record, answer, record["class"] == "valid")
        left = [text for text in complaints if complaint_column(text, record) not in known and "*" not in known]
        if left:
            return "wrong", "; ".join(left)[:300]
        return ("difference" if complaints else "right"), "; ".join(complaints)[:300]


def ask_weir(choice, corpus, paths, how=SUMMARY):
    """How weir ended on each path, with its answer if it is JSON: [(ended, answer or None, message)]."""
    run, bounds = module_of(corpus, "fuzzcli").run, limits(choice)

    def ask(path):
        result = run([choice.weir, "inspect", *how, str(path)], bounds)
        try:
            answer = json.loads(result["stdout"]) if result["k"] == "ok" else None
        except ValueError:
            answer = None
        return result["k"], answer, result["err"][-200:].replace("\n", " ")

    with ThreadPoolExecutor(choice.jobs) as pool:
        return list(pool.map(ask, paths))


def judged(corpus, records, answers, forgiving):
    judge = Judge(corpus)
    return [judge.outcome(record, *answer, forgiving=forgiving) for record, answer in zip(records, answers)]


def mutants_of(corpus, count, seed, folder):
    """Writes the mutants that fuzzcli.py gives a command, in their order: its command only keeps them."""
    kept = folder / "mutant"
    subprocess.run([sys.executable, corpus / "fuzzcli.py", "--n", str(count), "--seed", str(seed), "--quiet", "--cmd",
                    f"cp --backup=numbered {{}} {kept}"], check=True, stdout=subprocess.DEVNULL)
    return [*(folder / f"mutant.~{i}~" for i in range(1, count)), kept]


def readers(choice, corpus, paths, names):
    """{reader: answers} of weir and the peers asked for. Names tell files apart from one run to the next."""
    answers = {"weir": ask_weir(choice, corpus, paths)}
    for peer in filter(None, choice.peers.split(",")):
        import conformance_peers  # pyarrow and others only where they are needed
        answers[peer] = conformance_peers.ask(corpus, peer, paths, names, choice.jobs)
    return answers


def records_of(corpus, word):
    records = json.loads((corpus / "index.json").read_text())["files"]
    return [record for record in records if word in record["file"] or word == record["class"]]


def survived(ended, why):
    """The outcome of a mutant, whose right answer nobody knows: any way to end but those of a defect."""
    return ("right" if ended in ("ok", "clean_error") else ended), why


def show(named):
    """Prints what is not right of (name, (outcome, why)), then how many are. True when all are."""
    for name, (outcome, why) in named:
        if outcome != "right":
            print(f"{outcome}: {name}: {why}")
    good = sum(outcome in GOOD for _, (outcome, _) in named)
    print(f"{good} passed, {len(named) - good} failed", flush=True)
    return good == len(named)


def ask_with_corpus(choice, corpus, records):
    """{reader: outcomes}, weir the first."""
    names = [record["file"] for record in records]
    answers = readers(choice, corpus, [corpus / name for name in names], names)
    return {name: judged(corpus, records, found, name == "weir") for name, found in answers.items()}


def ask_with_mutants(choice, corpus):
    """{reader: answers}; empty where no mutants are asked for."""
    if choice.mutants == 0:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        paths = mutants_of(corpus, choice.mutants, choice.seed, Path(folder))
        answers = readers(choice, corpus, paths, [f"mutant {choice.seed}:{i}" for i in range(len(paths))])
        return {**answers, "weir --verify": ask_weir(choice, corpus, paths, ["--verify"]),
                "weir --summary": ask_weir(choice, corpus, paths, ["--summary"])}


def main():
    choice = options()
    corpus = corpus_folder()
    if corpus is None:
        print("0 passed, 0 failed, 1 skipped")
        return 0
    records = records_of(corpus, choice.word)
    outcomes = ask_with_corpus(choice, corpus, records)
    damaged = ask_with_mutants(choice, corpus)
    if choice.report:
        import conformance_report
        conformance_report.write(choice, module_of(corpus, "conform").check, records, outcomes, damaged)
    for peer in list(outcomes)[1:]:
        print(f"{peer}: {dict(collections.Counter(outcome for outcome, _ in outcomes[peer]))}")
    for name, found in damaged.items():
        print(f"mutants, {name}: {dict(collections.Counter(ended for ended, _, _ in found))}")
    named = [(f"{record['class']} {record['file']}", found) for record, found in zip(records, outcomes["weir"])]
    named += [(f"mutant {choice.seed}:{i}, {name}", survived(ended, why)) for name, found in damaged.items()
              if name.startswith("weir ") for i, (ended, _, why) in enumerate(found)]
    return 0 if show(named) else 1


if __name__ == "__main__":
    sys.exit(main())
