"""A guest of the tests' own: a virtual machine in which the kernel can be driven out of memory.

Debian's kernel for clouds, run by QEMU in software, so neither the machine's own control groups nor its kernel
matter, and nothing outside the guest can be harmed: it has no network and no shared folder. All it has is an archive
of files in memory, a serial line and, if asked for, an empty disk. One start takes a few seconds, so a test asks many
things of one.

The machine is q35 and not microvm: microvm starts no faster in software, and without a timer to hold its clock
against, its kernel either hangs or has a clock that runs wrong.
"""
import functools
import os
import re
import secrets
import selectors
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from archive import Archive, PYTHON

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent.parent / ".cache" / "guest"
QEMU = "qemu-system-x86_64"
BUSYBOX = "/bin/busybox"
DIES_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
USERS = "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/tmp:/bin/sh\n"
KERNEL_PACKAGE = "linux-image-cloud-amd64"
FETCH_SECONDS = 300
# A panic ends the machine at once; what the kernel logs is fetched in the end, so that it breaks no output.
KERNEL_OPTIONS = "console=ttyS0 quiet loglevel=1 panic=-1 mitigations=off nokaslr"


class GuestError(Exception):
    """The guest did not do what it was told: it did not start, or did not end by itself."""


@dataclass
class Result:
    """What became of one command."""
    status: int  # as the shell has it: 128 and the signal for one that was killed
    out: str
    err: str
    seconds: float  # by the guest's clock


@dataclass
class Outcome:
    """What became of one start of the guest."""
    results: list
    files: dict = field(default_factory=dict)  # those asked for that were there, by path: bytes
    kernel_log: str = ""  # what the kernel said while the commands ran
    boot_seconds: float = 0.0  # from the start of QEMU to the first command
    seconds: float = 0.0


class Guest:
    """Files first, then any number of starts: every start begins with the same files."""

    def __init__(self, memory_mib=512, processors=1, python=False, disk_mib=0):
        """disk_mib: size of an empty disk at /data, whose file system has a page cache as usual: everything else
        in the guest lies in memory that cannot be dropped."""
        self.memory_mib = memory_mib
        self.processors = processors
        self.disk_mib = disk_mib
        self.archive = Archive()
        self.archive.add("/init", (HERE / "init.sh").read_text(), 0o755)
        self.archive.add_program(BUSYBOX)
        self.archive.add("/etc/passwd", USERS)
        if python:
            self.archive.add_python()

    def run(self, commands, timeout=60, limit=0, fetch=()):
        """Starts the guest, runs each command in a shell of its own, and waits for the end.

        A command begins without the processes of those before it, but with their files and groups. timeout: seconds
        for everything; limit: seconds for each command, then it is killed (status 137); fetch: paths of files to
        bring back. GuestError where the guest did not come to its end; it holds what the serial line said."""
        token = secrets.token_hex(8)
        limit = limit or max(1, timeout * 3 // 4)
        more = Archive()
        more.add("/guest/settings",
                 f"token={token}\nlimit={limit}\nfetch='{' '.join(fetch)}'\ndisk={self.disk_mib}\n")
        for number, command in enumerate(commands):
            more.add(f"/guest/commands/{number:03}", command + "\n")
        # Files without names: nothing is left of them, however this ends.
        with tempfile.TemporaryFile() as image, tempfile.TemporaryFile() as disk:
            # The kernel unpacks archives that follow each other into one tree.
            image.write(self.archive.to_bytes() + more.to_bytes())
            image.flush()
            disk.truncate(self.disk_mib << 20)
            text, boot_seconds, seconds = watch(self.command_line(image.fileno(), disk.fileno()),
                                                (image.fileno(), disk.fileno()), f"@{token} ready".encode(), timeout)
        outcome = outcome_of(text, token, len(commands))
        outcome.boot_seconds, outcome.seconds = boot_seconds, seconds
        return outcome

    def command_line(self, image, disk):
        """image and disk are open files, which QEMU inherits."""
        # Of all the disks that QEMU has this is the one that Debian's kernel knows without modules.
        drive = ["-drive", f"file=/dev/fd/{disk},if=none,id=disk,format=raw,cache=unsafe", "-device",
                 "nvme,drive=disk,serial=1"] if self.disk_mib else []
        return [QEMU, "-M", "q35", "-accel", "tcg", "-cpu", "max", "-smp", str(self.processors),
                "-m", str(self.memory_mib), "-nodefaults", "-no-user-config", "-nic", "none", "-display", "none",
                "-serial", "stdio", "-no-reboot", "-kernel", str(kernel()), "-initrd", f"/dev/fd/{image}",
                "-append", KERNEL_OPTIONS, *drive]


def watch(command, files, ready, timeout):
    """Runs QEMU and returns what the serial line said, and the seconds until it was ready and in all."""
    started = time.monotonic()
    text, boot_seconds = b"", 0.0
    # A machine outlives neither the test that started it nor, should that be stopped, its time.
    command = [*DIES_WITH_PARENT, "timeout", "--foreground", "-s", "KILL", str(timeout + 30), *DIES_WITH_PARENT,
               *command]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          pass_fds=files) as process, selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        try:
            while True:
                left = started + timeout - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise GuestError(f"the guest did not end within {timeout} s\n{shown(text)}")
                data = os.read(process.stdout.fileno(), 1 << 16)
                if not data:
                    break
                text += data
                if not boot_seconds and ready in text:
                    boot_seconds = time.monotonic() - started
        finally:
            process.kill()
    return text, boot_seconds, time.monotonic() - started


def shown(text):
    return text[-4000:].decode("utf-8", "replace")


def sections_of(text, token):
    """Yields (kind, name, details, data) of each part of the guest's report."""
    head = re.compile(rb"@" + token.encode() + rb" (\w+) (\S+) (\d+) ?([^\n]*)\n")
    at = 0
    while match := head.search(text, at):
        kind, name, size, details = match.groups()
        at = match.end() + int(size)
        yield kind.decode(), name.decode(), details.decode().split(), text[match.end():at]


def outcome_of(text, token, wanted):
    results, outcome = {}, Outcome([])
    for kind, name, details, data in sections_of(text, token):
        if kind == "out":
            status, begin, end = details
            results[name] = Result(int(status), data.decode("utf-8", "replace"), "", float(end) - float(begin))
        elif kind == "err":
            results[name].err = data.decode("utf-8", "replace")
        elif kind == "file":
            outcome.files[name] = data
        elif kind == "log":
            outcome.kernel_log = data.decode("utf-8", "replace")
            outcome.results = [results[key] for key in sorted(results)]
    if len(outcome.results) != wanted:
        raise GuestError(f"the guest ended after {len(results)} of {wanted} commands\n{shown(text)}")
    return outcome


@functools.cache
def kernel():
    """Debian's kernel, out of its package; the machine's own boot files are left alone. $WEIR_GUEST_KERNEL is
    another one. GuestError where there is none to be had."""
    if own := os.environ.get("WEIR_GUEST_KERNEL"):
        return Path(own)
    found = sorted(CACHE.glob("vmlinuz-*"))
    return found[-1] if found else fetch_kernel()


def fetch_kernel():
    for tool in ("apt-get", "apt-cache", "dpkg-deb"):
        if not shutil.which(tool):
            raise GuestError(f"no {tool}: give a kernel with WEIR_GUEST_KERNEL=FILE")
    described = quiet(["apt-cache", "show", "--no-all-versions", KERNEL_PACKAGE])
    package = re.search(r"^Depends: (linux-image-\S+)", described, re.M)
    if not package:
        raise GuestError(f"{KERNEL_PACKAGE} is not known here: apt-get update")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        quiet(["apt-get", "download", "-q", package[1]], folder)
        quiet(["dpkg-deb", "-x", str(next(Path(folder).glob("*.deb"))), "tree"], folder)
        image = next(Path(folder).glob("tree/boot/vmlinuz-*"))
        return image.replace(CACHE / image.name)


def quiet(command, folder=None):
    try:
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False,
                               stdin=subprocess.DEVNULL, timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise GuestError(str(error)) from error
    if ended.returncode != 0:
        raise GuestError(f"{' '.join(command)}: {ended.stderr.strip()}")
    return ended.stdout


@functools.cache
def missing():
    """Why no guest can be started here, or None."""
    for tool in (QEMU, BUSYBOX, PYTHON, "ldd", "setpriv", "timeout"):
        if not shutil.which(tool):
            return f"{tool} is not installed: tools/install-packages.sh guest"
    try:
        kernel()
    except GuestError as error:
        return str(error)
    return None
