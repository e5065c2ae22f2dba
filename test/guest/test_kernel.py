"""What the kernel counts when memory runs out, under control groups version 2: the facts on which verdicts rest; and
the guest itself."""
from guest import Guest, GuestError
from support import GuestTest

BOOT_SECONDS = 120  # at most; some 4 on an idle machine
# Fills as much memory as it is told, at once.
HOG = "dd if=/dev/zero of=/dev/null count=1 bs="
# The same as a user without rights, in a group that was given to him.
AS_USER = "su -s /bin/sh user -c"


class Limits(GuestTest):
    """Limits of a group: who counts what."""
    python = True
    commands = {
        "controllers": "echo controllers=$(cat cgroup.controllers); echo v=$(cat /proc/self/cgroup)",
        "own_limit": f"""
            make own 32M
            echo before=$(count own memory.events.local oom),$(count own memory.events.local oom_kill)
            inside own {HOG}64M; echo status=$?
            echo after=$(count own memory.events.local oom),$(count own memory.events.local oom_kill)
            echo host=$(count /proc vmstat oom_kill)
            echo peak=$(cat own/memory.peak 2>/dev/null || echo none)""",
        "outer_limit": f"""
            make outer 32M; echo +memory >outer/cgroup.subtree_control; make outer/inner max
            inside outer/inner {HOG}64M; echo status=$?
            for group in outer outer/inner; do
                echo $group=$(count $group memory.events.local oom),$(count $group memory.events.local oom_kill)
            done
            echo hierarchical=$(count outer memory.events oom_kill)""",
        "descendant": f"""
            make family 32M
            inside family sh -c '{HOG}64M; sleep 0; exit 7'; echo status=$?
            echo family=$(count family memory.events.local oom),$(count family memory.events.local oom_kill)""",
        "whole_group": f"""
            make whole 32M; echo 1 >whole/memory.oom.group; before=$(count /proc vmstat oom_kill)
            inside whole sh -c 'sleep 60 & {HOG}64M; exit 7'; echo status=$?
            sleep 1; echo left=$(cat whole/cgroup.procs | wc -l)
            echo whole=$(count whole memory.events.local oom),$(count whole memory.events.local oom_group_kill)
            echo kills=$(count whole memory.events.local oom_kill) host=$(($(count /proc vmstat oom_kill) - before))""",
        "slowed_first": f"""
            make slowed 64M; echo 16M >slowed/memory.high
            inside slowed {HOG}17M; echo status=$?
            echo high=$(count slowed memory.events.local high)
            echo oom=$(count slowed memory.events.local oom)""",
        "tmpfs": """
            make files 32M
            inside files dd if=/dev/zero of=/dev/shm/large bs=1M count=64; echo status=$?
            echo files=$(count files memory.events.local oom); rm /dev/shm/large""",
        "killed_by_another": """
            make killed 32M
            inside killed sleep 60 & sleep 0.5; kill -9 $(cat killed/cgroup.procs); wait $!; echo status=$?
            echo killed=$(count killed memory.events.local oom),$(count killed memory.events.local oom_kill)""",
        "in_between": """
            make full max; inside full sleep 60 & sleep 0.5
            echo why=$(echo +memory 2>&1 >full/cgroup.subtree_control)
            echo full=$(cat full/cgroup.subtree_control)""",
        "delegated": f"""
            make given 64M; mkdir given/self
            chown user given given/cgroup.procs given/cgroup.subtree_control given/self given/self/cgroup.procs
            cat >/tmp/delegated <<'END'
cd /sys/fs/cgroup/given && echo +memory >cgroup.subtree_control && mkdir cell && echo 16M >cell/memory.max || exit 1
sh -c 'echo $$ >cell/cgroup.procs && exec {HOG}32M'; echo status=$?
echo cell=$(sed -n 's/^oom //p' cell/memory.events.local)
echo 128M >memory.max || echo outer=refused
END
            inside given/self {AS_USER} 'sh /tmp/delegated'
            """,
        "kill_file": """
            make all max
            inside all sh -c 'sleep 60 & sleep 60 & wait' & sleep 0.5
            echo 1 >all/cgroup.kill; wait $!; echo status=$?; rmdir all && echo removed=1""",
        "python": r"""
            make job 48M
            inside job python3 -c '
parts = []
while True:
    parts.append(b"x" * (1 << 20))'; echo status=$?
            echo job=$(count job memory.events.local oom),$(count job memory.events.local oom_kill)""",
    }

    def test_starts_in_seconds(self):
        print(f"guest: {self.outcome.boot_seconds:.1f} s to start, {self.outcome.seconds:.1f} s in all")
        self.assertLess(self.outcome.boot_seconds, BOOT_SECONDS)

    def test_memory_controller_is_there(self):
        values = self.values("controllers")
        self.assertIn("memory", values["controllers"].split())
        self.assertEqual(values["v"], "0::/")

    def test_own_limit_counts_own_oom(self):
        values = self.values("own_limit")
        self.assertEqual((values["before"], values["status"], values["after"]), ("0,0", "137", "1,1"))
        self.assertIn("Memory cgroup out of memory", self.outcome.kernel_log)

    def test_kill_at_a_group_limit_is_also_counted_by_the_host(self):
        self.assertGreaterEqual(int(self.values("own_limit")["host"]), 1)

    def test_limit_of_an_ancestor_counts_no_own_oom(self):
        values = self.values("outer_limit")
        self.assertEqual(values["status"], "137")
        self.assertEqual((values["outer"], values["outer/inner"]), ("1,0", "0,1"))
        self.assertEqual(values["hierarchical"], "1")

    def test_killed_descendant_counts(self):
        values = self.values("descendant")
        self.assertEqual((values["status"], values["family"]), ("7", "1,1"))

    def test_whole_group_ends_together(self):
        values = self.values("whole_group")
        self.assertEqual((values["status"], values["left"], values["whole"]), ("137", "0", "1,1"))
        # The process that was chosen is counted twice, once of the group, by the group and by the host alike: there
        # were three. So the number of kills says little, but the difference between both counters stays true.
        group, host = values["kills"].split(" host=")
        self.assertGreaterEqual(int(group), 3)
        self.assertEqual(group, host)

    def test_high_limit_slows_and_kills_nobody(self):
        values = self.values("slowed_first")
        self.assertEqual((values["status"], values["oom"]), ("0", "0"))
        self.assertGreater(int(values["high"]), 0)

    def test_tmpfs_is_charged_to_the_writer(self):
        values = self.values("tmpfs")
        self.assertEqual(values["status"], "137")
        self.assertGreater(int(values["files"]), 0)

    def test_kill_from_outside_counts_nothing(self):
        values = self.values("killed_by_another")
        self.assertEqual((values["status"], values["killed"]), ("137", "0,0"))

    def test_group_with_processes_gives_no_controllers_on(self):
        values = self.values("in_between")
        self.assertEqual(values["full"], "")
        self.assertIn("busy", values["why"])

    def test_user_limits_within_what_was_delegated(self):
        values = self.values("delegated")
        self.assertEqual((values["status"], values["cell"], values["outer"]), ("137", "1", "refused"))

    def test_kill_file_ends_all_and_the_group_can_go(self):
        values = self.values("kill_file")
        self.assertEqual((values["status"], values["removed"]), ("137", "1"))

    def test_python_at_its_limit(self):
        values = self.values("python")
        self.assertEqual((values["status"], values["job"]), ("137", "1,1"))


class Host(GuestTest):
    """A machine of 256 MiB whose own memory runs out."""
    memory_mib = 256
    commands = {
        "hog": """
            make free max
            echo before=$(count /proc vmstat oom_kill)
            inside free tail /dev/zero; echo status=$?
            echo after=$(count /proc vmstat oom_kill)
            echo free=$(count free memory.events.local oom),$(count free memory.events.local oom_kill)""",
        "roomy": """
            make roomy 1G; echo 1 >roomy/memory.oom.group; before=$(count /proc vmstat oom_kill)
            inside roomy tail /dev/zero; echo status=$?
            echo oom=$(count roomy memory.events.local oom)
            echo kills=$(count roomy memory.events.local oom_kill) host=$(($(count /proc vmstat oom_kill) - before))""",
    }

    def test_host_counts_and_the_group_has_no_own_oom(self):
        values = self.values("hog")
        self.assertEqual((values["before"], values["status"], values["after"]), ("0", "137", "1"))
        self.assertEqual(values["free"], "0,1")
        self.assertIn("Out of memory: Killed process", self.outcome.kernel_log)

    def test_limit_above_what_the_host_has_counts_no_own_oom(self):
        values = self.values("roomy")
        self.assertEqual((values["status"], values["oom"]), ("137", "0"))
        group, host = values["kills"].split(" host=")
        self.assertGreaterEqual(int(group), 1)
        self.assertEqual(group, host)


class Machine(GuestTest):
    """The guest itself: what comes back, and what happens when it does not."""

    def test_status_output_and_files_come_back_as_they_are(self):
        machine = Guest()
        machine.archive.add("/root/bytes", bytes(range(256)))
        commands = ["cat /root/bytes >/tmp/copy; echo out; echo err >&2; exit 3", "sleep 60 & exit 0", "pidof sleep"]
        outcome = machine.run(commands, fetch=["/tmp/copy", "/tmp/none"])
        first, second, third = outcome.results
        self.assertEqual((first.status, first.out, first.err), (3, "out\n", "err\n"))
        self.assertEqual((second.status, second.seconds < 5, third.out), (0, True, ""))
        self.assertEqual(outcome.files, {"/tmp/copy": bytes(range(256))})

    def test_command_that_hangs_is_killed_and_the_next_one_runs(self):
        first, second = Guest().run(["echo here; sleep 600", "echo next"], limit=1).results
        self.assertEqual((first.status, first.out, second.out), (137, "here\n", "next\n"))

    def test_guest_that_hangs_is_killed(self):
        with self.assertRaisesRegex(GuestError, "did not end within"):
            Guest().run(["sleep 600"], timeout=1)

    def test_panic_is_said(self):
        with self.assertRaisesRegex(GuestError, "after 0 of 1 commands(.|\n)*sysrq triggered crash"):
            Guest().run(["echo c >/proc/sysrq-trigger"])
