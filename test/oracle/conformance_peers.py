"""Other readers on the files of the corpus, by its own script readone.py: a server that forks a child for each file,
with 4 GiB of address space and 60 s, as starting Python for every file would take longer than reading it.

Answers are kept in .cache/conformance by reader, version and name of the file: another version, or removing the
folder, asks anew."""
import importlib.metadata
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

KEPT = Path(__file__).resolve().parent.parent.parent / ".cache" / "conformance"
ENDED = {"ok": "ok", "error": "clean_error", "oom": "over_memory", "crash": "crash", "timeout": "hang"}
PARTS = ("name", "kind", "count", "nulls", "sum", "min", "max", "digest", "unit", "scale")
MOST_RESIDENT_KIB = 1 << 20
# Defects that the reader itself noticed and turned into an exception: fuzzcli.py counts them as unclean.
INTERNAL = re.compile(r"PanicException|panicked at|INTERNAL Error|InternalException")


def ended_of(result):
    """As run() of fuzzcli.py would have called it."""
    if result["status"] == "error" and INTERNAL.search(result.get("error", "")):
        return "unclean"
    if result["status"] in ("ok", "error") and result["peak_rss_kib"] > MOST_RESIDENT_KIB:
        return "over_memory"
    return ENDED[result["status"]]


def answer_of(result):
    """As answer.py prints it."""
    columns = [{part: column[part] for part in PARTS if column.get(part) is not None}
               for column in result.get("columns", [])]
    return {"rows": result.get("rows"), "columns": columns}


def serve(corpus, engine, paths):
    """Answers for some paths from one server."""
    command = [sys.executable, corpus / "readone.py", engine]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as server:
        answers = []
        for path in paths:
            server.stdin.write(f"{path}\n")
            server.stdin.flush()
            result = json.loads(server.stdout.readline())
            ended = ended_of(result)
            answers.append((ended, answer_of(result) if ended == "ok" else None, result.get("error", "")[:200]))
        server.stdin.close()
    return answers


def ask_all(corpus, engine, paths, jobs):
    """Answers for all paths, from so many servers at a time."""
    with ThreadPoolExecutor(jobs) as pool:
        shares = list(pool.map(lambda first: serve(corpus, engine, paths[first::jobs]), range(jobs)))
    return [shares[i % jobs][i // jobs] for i in range(len(paths))]


def ask(corpus, engine, paths, names, jobs):
    """How a reader ended on each path, with its answer: [(ended, answer or None, message)]."""
    store = KEPT / f"{engine}-{importlib.metadata.version(engine)}.json"
    kept = json.loads(store.read_text()) if store.exists() else {}
    missing = [(path, name) for path, name in zip(paths, names) if name not in kept]
    found = ask_all(corpus, engine, [path for path, _ in missing], jobs)
    kept.update(zip((name for _, name in missing), found))
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_text(json.dumps(kept))
    return [tuple(kept[name]) for name in names]
