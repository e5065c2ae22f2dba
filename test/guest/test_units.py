"""weir's own tests of control groups and cells, on a kernel with version 2."""
import unittest

import guest
from guest import Guest
from support import BUILD, MACHINES, TIMEOUT

PROGRAMS = [path for room in ("cgroup", "cell") for path in sorted(BUILD.glob(f"test/unit/{room}_test_*"))]


class Units(unittest.TestCase):
    begun = None

    @classmethod
    def begin(cls):
        if PROGRAMS and not guest.missing():
            cls.begun = MACHINES.submit(cls.run_guest)

    @staticmethod
    def run_guest():
        machine = Guest(memory_mib=1024, python=True, disk_mib=512)
        for program in PROGRAMS:
            machine.archive.add_program(program, f"/usr/bin/{program.name}")
        # Only on a disk is what is written to files no memory.
        return machine.run([f"cd /data && TMPDIR=/data {program.name}" for program in PROGRAMS], TIMEOUT)

    def test_groups_and_cells(self):
        if guest.missing() or not PROGRAMS:
            self.skipTest(guest.missing() or f"no unit tests of cgroup and cell in {BUILD}")
        for program, result in zip(PROGRAMS, self.begun.result().results):
            with self.subTest(program.name):
                self.assertEqual(result.status, 0, f"{result.out}\n{result.err}")
                self.assertNotRegex(result.out + result.err, r"no usable cgroup v2")  # this is the place for it
