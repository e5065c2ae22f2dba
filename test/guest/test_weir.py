"""weir on a kernel with control groups version 2: what it tells of ends that only such a kernel, or a machine without
memory left, can bring about."""
import json
import os
import sqlite3
import tempfile
from pathlib import Path

from support import GuestTest

# Grows until somebody ends it; the last line but one is the one to be told.
FAST = """
cat >/data/fast.py <<'END'
rows = []
def fill():
    while True:
        rows.append(bytearray(1 << 20))
fill()
END
"""
HOG = "weir exec --json --memory {} -- tail /dev/zero"

# CONTAINER GROUP COMMAND: the first process of namespaces of its own, alone in the group.
CONTAINER = "/usr/bin/unshare -p -f --mount-proc sh -c 'echo 0 >{}/cgroup.procs; exec /usr/bin/unshare -C -m {}'"
# What a container's runtime does about control groups.
OWN_MOUNT = "umount -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup"
# sleeping NUMBER: whether so many programs sleep.
SLEEPING = 'sleeping() { [ "$(pidof sleep | wc -w)" = "$1" ]; }'


def jobs(lines):
    """Shell words that write a file of jobs."""
    return "cat >/data/jobs.jsonl <<'END'\n" + "".join(json.dumps(line) + "\n" for line in lines) + "END\n"


class Machine(GuestTest):
    """weir runs, and what the kernel gives it is told."""
    weir = True
    disk_mib = 64
    commands = {
        "doctor": "weir doctor --json | tr -d '\\n'; echo",
        "sum": "cd /data && weir synth s --files 3 --paths 20 -q && weir sum --by path,Date --sum value -o r.csv s &&"
               " echo lines=$(wc -l <r.csv)",
        "settings": """
            weir exec --memory 32MiB --cpus 0.5 --processes 30 -q -- sh -c '
                own=/sys/fs/cgroup$(sed s/0::// /proc/self/cgroup)
                for name in memory.high memory.max memory.swap.max memory.oom.group pids.max cpu.max; do
                    echo "$name=$(cat $own/$name)"
                done
                echo badness=$(cat /proc/self/oom_score_adj)'
            echo own=$(cat /proc/self/oom_score_adj)""",
        "swap": f"""
            dd if=/dev/zero of=/data/swap bs=1M count=32 2>/dev/null; chmod 600 /data/swap
            mkswap /data/swap >/dev/null; swapon /data/swap && echo total=$(count /proc meminfo 'SwapTotal: *')
            {HOG.format('32MiB')}; echo status=$?; echo cached=$(count /proc meminfo 'SwapCached: *')
            echo free=$(count /proc meminfo 'SwapFree: *'); swapoff /data/swap""",
    }

    def test_doctor_names_version_2(self):
        document = self.documents("doctor")[0]
        limits = document["limits"]
        self.assertEqual((limits["kind"], limits["memory"], limits["cpu"], limits["processes"], limits["swap"],
                          limits["own_oom_counted"]), ("v2", True, True, True, True, True))
        self.assertIn("slows a step down near its limit", limits["why"])

    def test_sum_runs(self):
        self.assertGreater(int(self.values("sum")["lines"]), 1)

    def test_limits_are_set(self):
        values = self.values("settings")
        self.assertEqual(values["memory.high"], str(32 << 20))
        self.assertGreater(int(values["memory.max"]), 32 << 20)
        self.assertEqual((values["memory.swap.max"], values["memory.oom.group"], values["pids.max"], values["cpu.max"]),
                         ("0", "1", "30", "50000 100000"))
        # Whoever is to be killed on a machine without memory, weir is not the first.
        self.assertGreater(int(values["badness"]), int(values["own"]))

    def test_swap_is_no_way_out(self):
        values = self.values("swap")
        self.assertEqual((values["status"], self.report("swap")["verdict"]), ("137", "oom-limit"))
        self.assertEqual(values["free"], values["total"])


class Slowed(GuestTest):
    """dask/distributed#6110: a worker that fills memory faster than it can be watched, then the kernel kills."""
    weir = python = True
    disk_mib = 64
    commands = {
        "batch": FAST + jobs([
            *({"name": f"neighbour-{i}", "memory": "20MiB", "cpus": 0.2,
               "command": "until [ -e /tmp/over ]; do sleep 0.1; done; echo well"} for i in range(2)),
            {"name": "fast", "command": ["python3", "/data/fast.py"], "memory": "64MiB", "cpus": 0.5},
        ]) + """
            cd /data; kills=$(count /proc vmstat oom_kill)
            weir exec --batch jobs.jsonl --memory 150MiB --json >/tmp/events & pid=$!
            until_true grep -q '"ended".*"fast"' /tmp/events; touch /tmp/over
            wait $pid; echo status=$? kills=$(($(count /proc vmstat oom_kill) - kills))
            cat /tmp/events; weir logs 1 neighbour-0""",
    }

    def test_fast_allocator_is_slowed_then_ended_with_its_line(self):
        fast = self.ended("batch")["fast"]
        self.assertEqual((fast["verdict"], fast["watch"]), ("oom-limit", "v2"), fast)
        self.assertIn("passed memory.high", fast["evidence"])
        self.assertEqual(fast["line"], {"file": "/data/fast.py", "line": 4, "function": "fill",
                                        "code": "rows.append(bytearray(1 << 20))"})
        # The limit was kept by slowing it down, with a little room above: the kernel killed nobody.
        self.assertLess(fast["peak_bytes"], (64 + 9) << 20)
        self.assertIn("status=1 kills=0", self.results["batch"].out)

    def test_neighbours_are_alive(self):
        ended = self.ended("batch")
        self.assertEqual([ended[f"neighbour-{i}"]["verdict"] for i in range(2)], ["ok", "ok"])
        self.assertIn("well", self.results["batch"].out)


class WithoutMemory(GuestTest):
    """A machine whose own memory runs out while weir runs."""
    weir = True
    memory_mib = 256
    disk_mib = 64
    fetch = tuple(f"/data/weir-out/ledger.sqlite{end}" for end in ("", "-wal"))
    commands = {
        "no_limit": """
            echo before=$(count /proc vmstat oom_kill)
            weir exec --json -- tail /dev/zero; echo status=$?
            echo after=$(count /proc vmstat oom_kill)""",
        "above_the_machine": f"{HOG.format('2GiB')}; echo status=$?",
        "descendant": "weir exec --json -- sh -c 'tail /dev/zero; exit 7'; echo status=$?",
        "batch": jobs([
            {"name": "neighbour", "memory": "20MiB", "cpus": 0.2,
             "command": "touch /tmp/there; until [ -e /tmp/over ]; do sleep 0.1; done; echo well"},
            # It grows only where the neighbour is there to be hurt.
            {"name": "hog", "command": "until [ -e /tmp/there ]; do sleep 0.1; done; exec tail /dev/zero",
             "memory": "900MiB", "cpus": 0.2},
            {"name": "behind", "command": "true", "memory": "20MiB", "after": "hog"},
        ]) + """
            cd /data; kills=$(count /proc vmstat oom_kill)
            weir exec --batch jobs.jsonl --memory 1GiB --json >/tmp/events & pid=$!
            until_true grep -q '"ended".*"hog"' /tmp/events; touch /tmp/over
            wait $pid; echo status=$? && [ $(count /proc vmstat oom_kill) -gt $kills ] && echo killed=1
            cat /tmp/events""",
        # A user who may make no groups: only the machine's own count tells.
        "user": "cd /tmp; su -s /bin/sh user -c 'weir exec --json -- tail /dev/zero'; echo status=$?",
        "again": "cd /data; weir runs --json | tr -d '\\n'; echo",
    }

    def assert_host(self, report):
        self.assertEqual((report["verdict"], report["suggested_bytes"], report["line"]), ("oom-host", None, None))
        self.assertRegex(report["evidence"], r"not at its own limit: oom_kill rose by \d+ in group .*own oom count did"
                                             r" not")

    def test_command_without_a_limit(self):
        values = self.values("no_limit")
        self.assertEqual((values["before"], values["status"]), ("0", "137"))
        self.assertGreater(int(values["after"]), 0)
        self.assert_host(self.report("no_limit"))
        self.assertIn("global_oom", self.outcome.kernel_log)

    def test_limit_above_what_the_machine_has(self):
        self.assertEqual(self.values("above_the_machine")["status"], "137")
        self.assert_host(self.report("above_the_machine"))

    def test_descendant_that_is_killed(self):
        self.assertEqual(self.report("descendant")["verdict"], "oom-host")

    def test_user_without_groups(self):
        self.assertEqual(self.values("user")["status"], "137")
        report = self.report("user")
        self.assertEqual((report["watch"], report["verdict"]), ("watching", "oom-host"), report)
        self.assertIn("/proc/vmstat oom_kill", report["evidence"])

    def test_neighbour_in_a_small_cell_ends_well(self):
        ended = self.ended("batch")
        self.assertEqual(self.values("batch")["killed"], "1")
        self.assert_host(ended["hog"])
        self.assertEqual((ended["neighbour"]["verdict"], ended["neighbour"]["exit_status"]), ("ok", 0))
        last = self.documents("batch")[-1]
        self.assertEqual((last["event"], last["ok"], last["failed"], last["skipped"]), ("end", 1, 1, 1))

    def test_weir_survives(self):
        self.assertEqual(self.values("batch")["status"], "1")
        self.assertNotIn("Killed process 1 ", self.outcome.kernel_log)
        self.assertNotRegex(self.outcome.kernel_log, r"Killed process \d+ \(weir\)")

    def test_ledger_is_whole(self):
        runs = self.documents("again")[0]["runs"]
        self.assertEqual([(run["jobs"], run["ok"], run["failed"]) for run in runs], [(3, 1, 1)])
        with tempfile.TemporaryDirectory() as folder:
            for path, data in self.outcome.files.items():
                (Path(folder) / Path(path).name).write_bytes(data)
            with sqlite3.connect(os.path.join(folder, "ledger.sqlite")) as ledger:
                self.assertEqual(ledger.execute("PRAGMA integrity_check").fetchall(), [("ok",)])


class Above(GuestTest):
    """Groups above weir's own: limits that are not the cell's, rights that somebody gave, containers."""
    weir = True
    disk_mib = 64
    commands = {
        "outer_limit": f"""
            make outer 48M; inside outer {HOG.format('200MiB')}; echo status=$?
            echo outer=$(count outer memory.events.local oom)""",
        "outer_batch": jobs([
            {"name": "neighbour", "memory": "10MiB", "cpus": 0.2,
             "command": "touch /tmp/here; until [ -e /tmp/done ]; do sleep 0.1; done"},
            {"name": "hog", "command": "until [ -e /tmp/here ]; do sleep 0.1; done; exec tail /dev/zero",
             "memory": "200MiB", "cpus": 0.2},
        ]) + """
            make sum 64M
            inside sum weir exec --batch /data/jobs.jsonl -o /data/out --memory 300MiB --json >/tmp/events & pid=$!
            until_true grep -q '"ended".*"hog"' /tmp/events; touch /tmp/done
            wait $pid; echo status=$?; cat /tmp/events""",
        "user": f"""
            make given 96M; mkdir given/self
            chown user given given/cgroup.procs given/cgroup.subtree_control given/self given/self/cgroup.procs
            cat >/tmp/as_user <<'END'
cd /tmp; id -u; weir doctor --json | tr -d '\\n'; echo; {HOG.format('24MiB')}; {HOG.format('400MiB')}
END
            inside given/self su -s /bin/sh user -c 'sh /tmp/as_user'; echo left=$(ls given | grep -c weir-)""",
        # The folder in which weir itself sits must stay behind, until the next start.
        "container": f"""
            cat >/tmp/box <<'END'
{OWN_MOUNT} && exec {HOG.format('24MiB')}
END
            make box 96M; {CONTAINER.format('box', 'sh /tmp/box')}; echo first=$?
            {CONTAINER.format('box', 'sh /tmp/box')}; echo status=$?
            echo left=$(find box -name 'weir-*' | wc -l) max=$(cat box/memory.max)""",
        # The shell stays where it is, so the container's group cannot be divided: said, and watched instead.
        "crowded_container": f"""
            cat >/tmp/crowd <<'END'
{OWN_MOUNT}
weir doctor --json | tr -d '\\n'; echo; {HOG.format('24MiB')}; true
END
            make crowd 96M; {CONTAINER.format('crowd', 'sh /tmp/crowd')}""",
        # The machine's whole tree is still mounted: a group made there would be free of the container's limit.
        "half_a_container": f"""
            cat >/tmp/half <<'END'
weir doctor --json | tr -d '\\n'; echo; {HOG.format('200MiB')}; true
END
            make half 64M; {CONTAINER.format('half', 'sh /tmp/half')}
            echo half=$(count half memory.events oom_kill)""",
        "weirs_group_dies": SLEEPING + """
            weir exec --memory 64MiB -- sh -c 'setsid sleep 1001 & setsid sleep 1002 & sleep 1003' & pid=$!
            until_true sleeping 3
            kill -9 $pid; wait $pid
            weir exec -q -- true; echo after=$(ls | grep -c weir-) alive=$(pidof sleep | wc -w)""",
        "batch_goes_on": jobs([
            {"name": "first", "command": "echo once >>/data/first", "memory": "20MiB"},
            {"name": "second", "command": "echo begun >>/data/second; [ -e /tmp/go ] || exec sleep 1001",
             "memory": "20MiB", "after": "first"},
        ]) + SLEEPING + """
            run="weir exec --batch /data/jobs.jsonl -o /data/resumed --memory 64MiB -q"
            $run & pid=$!
            until_true test -s /data/second; until_true sleeping 1
            kill -9 $pid; wait $pid; touch /tmp/go; $run --resume last; echo status=$?
            echo first=$(wc -l </data/first); echo second=$(wc -l </data/second)
            echo groups=$(ls | grep -c weir-) alive=$(pidof sleep | wc -w)
            echo folders=$(ls /tmp | grep -c weir)""",
        "weirs_namespace_dies": SLEEPING + """
            /usr/bin/unshare -p -f --mount-proc weir exec --memory 64MiB -- sh -c '
                setsid sleep 1001 & setsid sleep 1002 & sleep 1003' & pid=$!
            until_true sleeping 3
            kill -9 $(pidof weir); wait $pid
            echo alive=$(pidof sleep | wc -w)
            weir exec -q -- true; echo after=$(ls | grep -c weir-)""",
    }

    def assert_host(self, report):
        self.assertEqual((report["verdict"], report["suggested_bytes"]), ("oom-host", None), report)
        self.assertIn("not at its own limit", report["evidence"])

    def test_limit_of_a_group_above(self):
        values = self.values("outer_limit")
        self.assertEqual(values["status"], "137")
        self.assertGreater(int(values["outer"]), 0)
        self.assert_host(self.report("outer_limit"))

    def test_group_above_has_less_than_the_sum(self):
        ended = self.ended("outer_batch")
        self.assert_host(ended["hog"])
        self.assertEqual(ended["neighbour"]["verdict"], "ok")
        self.assertEqual(self.values("outer_batch")["status"], "1")

    def test_user_in_a_delegated_subtree(self):
        self.assertEqual(self.values("user")["left"], "0")
        self.assertTrue(self.results["user"].out.startswith("1000\n"))
        own, above, doctor = self.documents("user")
        self.assertEqual((doctor["limits"]["kind"], own["watch"], own["verdict"]), ("v2", "v2", "oom-limit"))
        self.assert_host(above)

    def test_first_process_of_a_container_makes_groups(self):
        report = self.report("container")
        self.assertEqual((report["watch"], report["verdict"]), ("v2", "oom-limit"))
        self.assertIn("first=137\nstatus=137\nleft=1 max=100663296", self.results["container"].out)

    def test_crowded_container_is_watched_and_says_why(self):
        report, doctor = self.documents("crowded_container")
        self.assertIn("other processes sit in this process's group", doctor["limits"]["why"])
        self.assertEqual((report["watch"], report["verdict"]), ("watching", "oom-limit"))

    def test_no_group_is_made_outside_the_container(self):
        report, doctor = self.documents("half_a_container")
        self.assertEqual(doctor["limits"]["kind"], "none")
        self.assertIn("not the part in which this process sits", doctor["limits"]["why"])
        self.assertEqual(report["verdict"], "oom-host", report)
        self.assertGreater(int(self.values("half_a_container")["half"]), 0)

    def test_leftovers_of_a_killed_weir_are_swept(self):
        values = self.values("weirs_group_dies")
        self.assertEqual(values["after"], "0 alive=0")

    def test_batch_goes_on_after_the_death_of_weir(self):
        self.assertEqual(self.values("batch_goes_on"), {"status": "0", "first": "1", "second": "2",
                                                        "groups": "0 alive=0", "folders": "0"})

    def test_everything_dies_with_a_weir_that_is_first_in_its_namespace(self):
        values = self.values("weirs_namespace_dies")
        self.assertEqual((values["alive"], values["after"]), ("0", "0"))


# Kind of death: its command, what else its line says, and the verdict.
DEATHS = {
    "leak": (["python3", "/data/fast.py"], {"memory": "48MiB"}, "oom-limit"),
    "burst": (["tail", "/dev/zero"], {}, "oom-limit"),
    "child": ("tail /dev/zero; exit 7", {}, "oom-limit"),
    "files": ("exec dd if=/dev/zero of=/dev/shm/$NAME bs=1M count=60", {}, "oom-limit"),
    "forks": ("while :; do sleep 1000 & done", {"processes": 20}, "error"),
    "fault": ("kill -SEGV $$", {}, "signal"),
    "status": ("exit 137", {}, "error"),
    "killed": ("echo $$ >/tmp/kill.$NAME; mv /tmp/kill.$NAME /tmp/kill-$NAME; sleep 1000", {}, "signal"),
    "slow": (["sleep", "1000"], {"timeout": "300ms"}, "timeout"),
    "said": (["python3", "-c", "bytearray(1 << 62)"], {"memory": "48MiB"}, "oom-limit"),
}
EACH = 3


class Deaths(GuestTest):
    """One batch with thirty deaths of ten kinds, and neighbours that see them all."""
    weir = python = True
    disk_mib = 64
    commands = {
        "batch": FAST + jobs([
            *({"name": f"neighbour-{i}", "memory": "10MiB", "cpus": 0.1,
               "command": "until [ -e /tmp/over ]; do sleep 0.1; done; echo well"} for i in range(3)),
            *({"name": f"{kind}-{i}", "command": command, "memory": "24MiB", "cpus": 0.2,
               "environment": {"NAME": f"{kind}-{i}"}, **more}
              for i in range(EACH) for kind, (command, more, _) in DEATHS.items()),
        ]) + """
            cd /data; weir exec --batch jobs.jsonl --memory 200MiB --json >/tmp/events & pid=$!
            while kill -0 $pid 2>/dev/null && [ $(grep -c '"ended"' /tmp/events) -lt 30 ]; do
                for file in /tmp/kill-*; do
                    [ ! -s "$file" ] || { kill -9 $(cat "$file"); rm "$file"; }
                done
                sleep 0.1
            done
            touch /tmp/over; wait $pid; echo status=$?; cat /tmp/events; rm -f /dev/shm/*
            echo left=$(ls /sys/fs/cgroup | grep -c weir-)""",
    }

    def test_each_has_its_verdict(self):
        ended = self.ended("batch")
        told = {name: end["verdict"] for name, end in ended.items() if not name.startswith("neighbour")}
        self.assertEqual(told, {f"{kind}-{i}": verdict for kind, (_, _, verdict) in DEATHS.items()
                                for i in range(EACH)})

    def test_none_is_called_out_of_memory_that_was_not(self):
        for name, end in self.ended("batch").items():
            if end["verdict"] in ("error", "signal", "timeout"):
                self.assertNotRegex(end["evidence"].replace("not by its memory limit", ""), "memory|oom", name)

    def test_evidence_is_that_of_each_kind(self):
        ended = self.ended("batch")
        for kind, words in (("said", "the program said so: \"MemoryError\""), ("status", "exit status 137"),
                            ("killed", "signal 9, not by its memory limit: sender unknown"), ("slow", "0.3 s"),
                            ("fault", "signal 11")):
            for i in range(EACH):
                self.assertIn(words, ended[f"{kind}-{i}"]["evidence"])
        for i in range(EACH):
            self.assertEqual(ended[f"leak-{i}"]["line"]["line"], 4)
            self.assertLessEqual(ended[f"forks-{i}"]["processes_most"], 20)

    def test_neighbours_all_finish(self):
        ended = self.ended("batch")
        self.assertEqual([ended[f"neighbour-{i}"]["verdict"] for i in range(3)], ["ok"] * 3)
        self.assertIn("status=1\n", self.results["batch"].out)
        self.assertIn("left=0\n", self.results["batch"].out)
