"""The guest's file system: an archive that the kernel unpacks into memory at its start.

Format: cpio "newc", as Documentation/driver-api/early-userspace/buffer-format.rst of the Linux kernel has it.
"""
import os
import re
import stat
import subprocess
from pathlib import Path, PurePosixPath

PYTHON = "/usr/bin/python3"
# What scripts in the guest may import; only these modules, and those that they import, are taken along.
PYTHON_MODULES = ("argparse collections contextlib ctypes faulthandler fcntl gc json mmap multiprocessing "
                  "multiprocessing.shared_memory os pathlib random re resource select selectors shutil signal socket "
                  "struct subprocess sys tempfile threading time traceback unittest encodings.ascii "
                  "encodings.latin_1 encodings.utf_8 site concurrent.futures.thread concurrent.futures.process").split()


class Archive:
    """Files by their path in the guest. A file is added once; folders above it come by themselves."""

    def __init__(self):
        self.entries = {}  # path without the leading slash: (mode, data, seconds of its last change)

    def add(self, path, data, mode=0o644, changed=0):
        name = str(PurePosixPath(path).relative_to("/"))
        if name in self.entries:
            return
        for folder in list(PurePosixPath(name).parents)[-2::-1]:
            self.entries.setdefault(str(folder), (stat.S_IFDIR | 0o755, b"", 0))
        data = data.encode() if isinstance(data, str) else data
        self.entries[name] = (stat.S_IFREG | mode, data, changed)

    def add_file(self, source, path=None):
        """A file of this machine; links are followed, so that it stands where it is looked for."""
        source = Path(source)
        state = source.stat()
        # The time is kept: Python believes its compiled modules only if it fits.
        self.add(path or source.absolute(), source.read_bytes(), stat.S_IMODE(state.st_mode), int(state.st_mtime))

    def add_program(self, source, path=None):
        """A program or shared library with the shared libraries that it needs."""
        self.add_file(source, path)
        for library in libraries_of(source):
            self.add_file(library)

    def add_python(self):
        """Debian's Python with the modules named above, compiled ones as well."""
        self.add_program(PYTHON)
        for module in python_files():
            if module.endswith(".so"):
                self.add_program(module)
            else:
                self.add_file(module)

    def to_bytes(self):
        parts = [entry(number, name, *fields) for number, (name, fields) in enumerate(self.entries.items(), 1)]
        return b"".join(parts + [entry(0, "TRAILER!!!", 0, b"", 0)])


def entry(number, name, mode, data, changed):
    """One member: a header of hexadecimal numbers, the name and the data, each padded to 4 bytes."""
    name = os.fsencode(name) + b"\0"
    links = 2 if stat.S_ISDIR(mode) else 1
    fields = (number, mode, 0, 0, links, changed, len(data), 0, 0, 0, 0, len(name), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def libraries_of(program):
    """Paths of the shared libraries of a program, the loader among them; none for a static one."""
    listing = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        return []
    if "not found" in listing.stdout:
        raise FileNotFoundError(f"{program}: {listing.stdout}")
    return re.findall(r"(/\S+) \(0x", listing.stdout)


def python_files():
    """The files behind the modules, as Python itself tells."""
    code = (f"import importlib, sys\nfor name in {PYTHON_MODULES!r}: importlib.import_module(name)\n"
            "for module in list(sys.modules.values()):\n"
            "    for name in (getattr(module, '__file__', None), getattr(module, '__cached__', None)):\n"
            "        if name: print(name)\n")
    listing = subprocess.run([PYTHON, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    return sorted({name for name in listing.stdout.split() if os.path.isfile(name)})
