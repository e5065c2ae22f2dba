"""Runs the same steps under Dask, as a program of its own so that its workers end with it.

usage: batch_dask.py load --count N --seed S --pool BYTES --program PATH
       batch_dask.py trivial --count N
Prints one JSON line: seconds, tasks that were killed, workers that were restarted.
"""
import argparse
import json
import logging
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import batch_load  # noqa: E402
from distributed import Client, KilledWorker, LocalCluster, as_completed  # noqa: E402


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("load", "trivial"))
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pool", type=int, default=4 << 30)
    parser.add_argument("--most", type=int, default=2 << 30)
    parser.add_argument("--program", default="")
    return parser.parse_args()


def submit(client, step, program):
    """With the memory it asks for as a resource: the way that Dask's users have."""
    resources = {"MEMORY": step.asks}
    if step.python:
        return client.submit(batch_load.take_in_worker, step.takes, step.seconds, resources=resources, key=step.name,
                             pure=False)
    return client.submit(batch_load.take_in_program, batch_load.command(step, program), resources=resources,
                         key=step.name, pure=False)


def run_load(choice):
    made = {step.name: step for step in batch_load.steps(choice.count, choice.seed, choice.most)}
    with LocalCluster(n_workers=1, threads_per_worker=64, memory_limit=choice.pool, dashboard_address=None,
                      resources={"MEMORY": choice.pool}, host="127.0.0.1") as cluster, Client(cluster) as client:
        client.upload_file(str(Path(batch_load.__file__)))
        first = set(client.scheduler_info()["workers"])
        begin = time.monotonic()
        futures = [submit(client, step, choice.program) for step in made.values()]
        died = {"honest": 0, "liars": 0}
        killed = 0
        for future in as_completed(futures):
            if future.status == "error":
                died["liars" if made[future.key].liar else "honest"] += 1
                killed += isinstance(future.exception(), KilledWorker)
        seconds = time.monotonic() - begin
        events = client.get_events("all")
        restarted = sum(1 for _, event in events if isinstance(event, dict) and event.get("action") == "remove-worker")
    return {"seconds": seconds, "died": died, "killed": killed, "workers_lost": restarted, "first": len(first)}


def run_trivial(choice):
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster, \
            Client(cluster) as client:
        client.gather(client.map(abs, range(20), pure=False))
        begin = time.monotonic()
        client.gather(client.map(abs, range(choice.count), pure=False))
        return {"seconds": time.monotonic() - begin}


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    chosen = options()
    print(json.dumps(run_load(chosen) if chosen.what == "load" else run_trivial(chosen)))
